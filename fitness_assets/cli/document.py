"""`fitness-assets document`: write the parts of docs/ that follow from the contracts."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command has no options."""
    commands.add_parser("document", help="write docs/tables.md and the graph from the contracts", description=__doc__)


def document(parsed: argparse.Namespace) -> int:
    """Write what differs and say which files that were.

    Raises:
        SettingError: this is not a checkout.
    """
    from fitness_assets.documents.write import write_documents
    from fitness_assets.settings import CHECKOUT

    written = write_documents(CHECKOUT / "docs")
    print("\n".join(f"{file} is written." for file in written) or "The documents say what the contracts say.")
    return 0
