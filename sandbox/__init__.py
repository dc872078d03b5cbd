"""A simulated subscription company and local servers that speak each vendor's protocol."""
