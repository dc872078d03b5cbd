"""Cynosure in Airflow: operators, connections, retries, assets and a status page over `cynosure.stages`.

Nothing is imported here: Airflow reads the provider's metadata while it imports itself.
"""
