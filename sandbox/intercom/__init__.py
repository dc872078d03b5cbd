"""A simulated Intercom workspace: its records, its REST API at version 2.16, and what is true of it."""
