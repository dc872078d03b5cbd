"""`python -m benchmarks [--quick] [section ...]`: measures, and prints the results as Markdown."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module

from benchmarks.machine import description

SECTIONS = {
    "pages_to_raw": "JSON pages to raw history in DuckDB, against dlt and DuckDB's own bulk read",
    "postgres": "the same in PostgreSQL, against its COPY",
    "memory": "peak memory by number of rows",
    "pace": "extraction as a share of the allowed rate",
    "sources_pace": "the same for HubSpot, Salesforce, Zendesk and Intercom",
    "hourly": "what an hourly run with nothing new costs",
    "airflow": "what Airflow adds to it, task by task",
    "faults": "what is lost under every fault, against dlt",
    "builds": "builds of a company of 15,000 customers and 36 months, on both warehouses",
    # the last, as it takes hours: vendors' limits are what it waits for
    "first_load": "the first load of such a company, killed again and again",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints each table as soon as it is measured."""
    options = _parser().parse_args(arguments)
    print(f"# Benchmarks\n\n{description(options.quick)}\n", flush=True)
    for section in options.sections or SECTIONS:
        for table in import_module(f"benchmarks.{section}").run(options.quick):
            print(table.markdown(), flush=True)


def _parser() -> argparse.ArgumentParser:
    sections = "\n".join(f"  {name:<14}{what}" for name, what in SECTIONS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures ratios within one run and prints them as Markdown.",
        epilog=f"sections:\n{sections}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sections", nargs="*", metavar="section", choices=[*SECTIONS, []], help="all if left out: hours")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: seconds, to see that everything runs")
    return parser


if __name__ == "__main__":
    main()
