"""Fields that arrive and that the contract does not know: kept with the record, and told when they first come."""

from collections.abc import Iterable
from dataclasses import replace

from fitness_assets.pipeline.result import CheckResult
from fitness_assets.pipeline.state.progress import Progress
from fitness_assets.transforms.records import MAX_UNKNOWN_FIELDS

KNOWN_FIELDS = "known_fields"
KNOWN_FIELDS_DESCRIPTION = (
    "The last update that changed the table brought no field that was never seen before. Unknown fields are kept with "
    "their records, in `unknown_fields`."
)


def with_unknown_fields(progress: Progress, names: Iterable[str]) -> tuple[Progress, tuple[str, ...]]:
    """The progress with names of unknown fields added, and a warning that names those that are new.

    Args:
        progress: as it is after the records were appended.
    """
    new = sorted(set(names) - set(progress.unknown_fields))[: max(0, MAX_UNKNOWN_FIELDS - len(progress.unknown_fields))]
    if not new:
        return progress, ()
    warning = (
        f"Fields that the contract does not know came for the first time: {', '.join(new)}. They are kept with their "
        f"records, in unknown_fields; add them to the contract if they are to be used."
    )
    seen = {**progress.unknown_fields, **dict.fromkeys(new, progress.table.number)}
    return replace(progress, unknown_fields=seen), (warning,)


def check_known_fields(progress: Progress | None) -> CheckResult:
    """Whether the last update brought fields that were never seen before; told once, with their names."""
    seen = progress.unknown_fields if progress else {}
    new = [name for name, number in seen.items() if progress and number > progress.previous_number]
    figures: dict[str, int | str] = {"new": ", ".join(new) or "none", "unknown so far": ", ".join(seen) or "none"}
    return CheckResult(KNOWN_FIELDS, not new, KNOWN_FIELDS_DESCRIPTION, figures, blocking=False)
