"""Cynosure: metrics of a subscription company, from the vendor's API to the mail a board reads."""

__version__ = "0.1.0"
