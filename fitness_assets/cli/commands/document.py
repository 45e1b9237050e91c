"""`fitness-assets document`: the written parts of the documents."""

import click


@click.command()
def document() -> None:
    """Write the parts of the documents that follow from the code.

    These are the tables, their graph, the checks, the settings and what a workspace is probed for.
    """
    from fitness_assets.docgen.pages import write_pages
    from fitness_assets.settings import CHECKOUT

    written = write_pages(CHECKOUT)
    click.echo("\n".join(f"{file} is written." for file in written) or "The documents say what the code says.")
