"""`fitness-assets`: sample data, a whole run with progress, validation, clean-up."""

import argparse
import sys
from collections.abc import Sequence

from fitness_assets.cli import dashboard, document, engine, governance, kafka, live, produce
from fitness_assets.errors import FitnessError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; failures that a person can mend are one line."""
    parsed = _parser().parse_args(arguments)
    try:
        from fitness_assets.cli import commands

        return int(getattr(commands, parsed.command.replace("-", "_"))(parsed))
    except FitnessError as error:
        print(f"fitness-assets: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was committed stays; the next run goes on from there.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fitness-assets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    install = commands.add_parser("install-jars", help="bring in the jars that Spark needs, once")
    install.add_argument("--broker", action="store_true", help="those of a Kafka broker too")
    run = commands.add_parser("run", help="bring every table up to date and print both gold tables")
    run.add_argument("table", nargs="*", help="only these, such as silver_db.users (default: all)")
    run.add_argument("--full-refresh", action="store_true", help="compute them whole; bronze is loaded anew")
    sample = commands.add_parser("sample", help="put sample data into the landing zone")
    for name, default, what in (
        ("users", 40, "people"),
        ("days", 2, "days of their lives"),
        ("files", 4, "files of each source"),
        ("seed", 7, "another seed gives other people"),
        ("every", 1, "seconds from one heart rate to the next"),
    ):
        sample.add_argument(f"--{name}", type=int, default=default, help=f"{what} (default {default})")
    for name in ("late", "repeated", "corrected", "malformed"):
        sample.add_argument(f"--{name}", type=float, default=0.0, metavar="SHARE", help=f"share of {name} records")
    sample.add_argument("--shuffled", action="store_true", help="records in no order at all")
    produce.add_parser(commands)
    engine.add_parser(commands)
    live.add_parser(commands)
    dashboard.add_parser(commands)
    kafka.add_parser(commands)
    governance.add_parser(commands)
    document.add_parser(commands)
    commands.add_parser("setup", help="make the zones, the tables and the calendar's history")
    commands.add_parser(
        "validate", help="compute all again from what landed and compare: expected and found for each table"
    )
    commands.add_parser("show", help="print both gold tables")
    clean = commands.add_parser("clean", help="remove tables and checkpoints; asks first")
    clean.add_argument("--table", help="only this table, such as silver_db.users")
    clean.add_argument("--landing", action="store_true", help="the landing zone too")
    clean.add_argument("--yes", action="store_true", help="do not ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())
