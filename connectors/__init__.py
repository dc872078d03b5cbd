"""Sources: one module each. A new file here that defines a Connector is found without being listed anywhere."""
