"""Links from an asset to the code that makes it: its contract, and the functions that compute its rows."""

from collections.abc import Callable
from inspect import getsourcefile, getsourcelines
from pathlib import Path

from dagster import CodeReferencesMetadataValue, LocalFileCodeReference, UrlCodeReference

import fitness_assets
from fitness_assets.contracts.model import Table
from fitness_assets.contracts.registry import contract_file
from fitness_assets.defs.beta import beta_allowed
from fitness_assets.pipeline.strategies import strategies_of

_ROOT = Path(fitness_assets.__file__).parent.parent


def code_references(table: Table, code_url: str | None) -> CodeReferencesMetadataValue:
    """The contract first, then the functions.

    Args:
        code_url: where the checkout can be read on the web; None for links to the files of this machine.
    """
    contract = contract_file(table)
    with beta_allowed():
        references = [_reference(contract, _contract_line(contract), "contract", code_url)]
        for label, function in _functions(table).items():
            file = Path(getsourcefile(function) or fitness_assets.__file__)
            references.append(_reference(file, getsourcelines(function)[1], label, code_url))
        return CodeReferencesMetadataValue(code_references=references)


def _functions(table: Table) -> dict[str, Callable[..., object]]:
    return {label: function for strategy in strategies_of(table) for label, function in strategy.code(table).items()}


def _reference(file: Path, line: int, label: str, code_url: str | None) -> LocalFileCodeReference | UrlCodeReference:
    if code_url:
        return UrlCodeReference(url=f"{code_url.rstrip('/')}/{file.relative_to(_ROOT).as_posix()}#L{line}", label=label)
    return LocalFileCodeReference(file_path=str(file), line_number=line, label=label)


def _contract_line(file: Path) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith("TABLE = ")), 1)
