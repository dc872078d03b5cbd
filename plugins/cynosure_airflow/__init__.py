"""Cynosure in Airflow."""
