"""Alerts: rules over KPIs and findings, incidents with their history, and routes to the people who act."""

from __future__ import annotations

from cynosure.alert.evaluate import Evaluated, acknowledge, evaluate, test_route

__all__ = ["Evaluated", "acknowledge", "evaluate", "test_route"]
