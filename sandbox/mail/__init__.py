"""A mail sink: takes every message, sends none."""
