"""Links from an asset to the code that makes it: its contract, and the functions that compute its rows."""

import os
import warnings
from collections.abc import Callable
from inspect import getsourcefile, getsourcelines
from pathlib import Path

from dagster import BetaWarning, CodeReferencesMetadataValue, LocalFileCodeReference, UrlCodeReference

import fitness_assets
from fitness_assets.contracts.model import Table, UpdateStrategy
from fitness_assets.contracts.registry import contract_file
from fitness_assets.transforms.bronze import bronze_rows
from fitness_assets.transforms.quarantine import rejected_records
from fitness_assets.transforms.registry import merge_rule_of, parser_of, transform_of

URL_VARIABLE = "FITNESS_CODE_URL"
"""Where the checkout can be read on the web, such as https://github.com/ORG/REPOSITORY/blob/main."""
_ROOT = Path(fitness_assets.__file__).parent.parent


def code_references(table: Table) -> CodeReferencesMetadataValue:
    """The contract first, then the functions; links to the web where `FITNESS_CODE_URL` says where, else to files."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BetaWarning)  # Dagster's version is pinned, so its beta names stay
        found = [_reference(contract_file(table), _line_of_contract(contract_file(table)), "contract")]
        for label, function in _functions(table).items():
            file = Path(getsourcefile(function) or fitness_assets.__file__)
            found.append(_reference(file, getsourcelines(function)[1], label))
        return CodeReferencesMetadataValue(code_references=found)


def _functions(table: Table) -> dict[str, Callable[..., object]]:
    if table.strategy is UpdateStrategy.APPEND:
        return {"rows from lines": bronze_rows}
    if table.strategy is UpdateStrategy.QUARANTINE:
        return {"rule of refusal": rejected_records}
    if table.strategy is UpdateStrategy.UPSERT:
        return {"rule of acceptance": parser_of(table), "rule of the winning record": merge_rule_of(table)}
    return {"transform": transform_of(table)}


def _reference(file: Path, line: int, label: str) -> LocalFileCodeReference | UrlCodeReference:
    web = os.environ.get(URL_VARIABLE)
    if web:
        return UrlCodeReference(url=f"{web.rstrip('/')}/{file.relative_to(_ROOT).as_posix()}#L{line}", label=label)
    return LocalFileCodeReference(file_path=str(file), line_number=line, label=label)


def _line_of_contract(file: Path) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.startswith("TABLE = ")), 1)
