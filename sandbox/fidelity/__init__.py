"""Judges answers of the local servers by what the vendors publish: OpenAPI descriptions and SDK types."""
