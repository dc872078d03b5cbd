"""The demonstration: a simulated company, Airflow on top of it, and the whole job from API to report.

It knows the platform only from outside: it starts processes, speaks to their HTTP interfaces and reads their results.
"""
