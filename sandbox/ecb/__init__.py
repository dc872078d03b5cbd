"""Euro reference rates: a seeded random walk, served in the form of the ECB Data Portal."""
