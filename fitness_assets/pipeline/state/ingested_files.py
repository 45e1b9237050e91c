"""Which files a bronze table was loaded from, and what each looked like: how one that was replaced is noticed.

They are written after the table's commit, which names its files too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from fitness_assets.contracts.model import Table
from fitness_assets.pipeline.landing.listing import FileVersion
from fitness_assets.pipeline.landing.loading import Content
from fitness_assets.pipeline.state.progress import state_prefix
from fitness_assets.pipeline.state.sealed_parts import SealedPart, SealedParts, read_part
from fitness_assets.storage import Storage, StorageReader

_ENDING = ".parquet"
_PARTS = b"parts"
"""Under which name the list says which parts it has."""
_MAX_UNSEALED = 500
"""So many entries are written again with each update, some 30 KB; more become a part."""
_SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("changed", pa.int64()),
        ("load", pa.int32()),
        ("digest", pa.string()),
        ("reason", pa.string()),
        ("records", pa.int64()),
        ("earlier", pa.int64()),
        ("removed", pa.int64()),
        ("is_missing", pa.bool_()),
        ("lost", pa.int64()),
    ]
)


@dataclass(frozen=True)
class IngestedFile:
    """A file as it was when it was loaded.

    Attributes:
        load: which content of its name it is, 1 the first.
        records: how many rows were made of it.
        earlier: how many rows were made of what its name held before.
        removed: how many of all these somebody took out since, on purpose.
        is_missing: whether its rows are gone, after a restore say, and the file too: it is read when it comes back.
        lost: how many rows of what its name held before are gone likewise: nobody has that content any more.
    """

    version: FileVersion
    load: int = 1
    content: Content = field(default_factory=Content)
    records: int = 0
    earlier: int = 0
    removed: int = 0
    is_missing: bool = False
    lost: int = 0

    def after(self, before: "IngestedFile") -> "IngestedFile":
        """This one as the next content of its name."""
        if before.load == self.load:  # the same content once more
            return replace(self, earlier=before.earlier, removed=before.removed, lost=before.lost)
        has_records = not (before.content.reason or before.is_missing)
        earlier = before.earlier + (before.records if has_records else 0)
        lost = before.lost + (before.records if before.is_missing else 0)
        return replace(self, earlier=earlier, removed=before.removed, lost=lost)


class IngestedFiles:
    """The ingested files of one bronze table.

    What an update writes follows what changed: the list itself has a few hundred entries, the others lie in parts that
    do not change. Parts of about one size become one, so that there are few.
    """

    def __init__(self, storage: Storage, table: Table) -> None:
        self._storage = storage
        self._name = _list_name(table)
        self._parts = SealedParts(storage, self._name, _ENDING)
        self._stored: _StoredFiles | None = None

    def read(self) -> dict[str, IngestedFile] | None:
        """The files; None where nothing says which they are."""
        self._stored = _read(self._storage, self._name)
        return None if self._stored is None else self._stored.files

    def write(self, files: Mapping[str, IngestedFile]) -> None:
        """Replace the list in one step. Files that left the landing zone stay in it: they may come back.

        Whoever holds the table's lock has read the list before, or it is read now.
        """
        stored = self._stored or _read(self._storage, self._name)
        if stored is None or not stored.sealed.keys() <= files.keys():
            stored = _StoredFiles({}, {}, [])  # all of it is written anew
        changed = {name: file for name, file in files.items() if stored.sealed.get(name) != file}
        if len(changed) <= _MAX_UNSEALED:
            self._put_list(changed, stored.parts)
            return
        parts, entries = self._merged(stored.parts, changed)
        self._put_list({}, [*parts, self._parts.put(_encoded(entries), len(entries))])

    def forget(self) -> None:
        self._stored = None
        self._storage.delete(f"{self._name}{_ENDING}")
        self._parts.remove_all_but([])

    def _merged(
        self, parts: Sequence[SealedPart], changed: Mapping[str, IngestedFile]
    ) -> tuple[list[SealedPart], Mapping[str, IngestedFile]]:
        """What the next part is to have, and the parts that it leaves as they are: each is twice as large as the one
        after it, so there are few, and an entry is written again a few times in all."""
        left, entries = list(parts), changed
        while left and left[-1].entries < 2 * len(entries):
            entries = {**_read_sealed(self._storage, self._name, left.pop()), **entries}
        return left, entries

    def _put_list(self, unsealed: Mapping[str, IngestedFile], parts: Sequence[SealedPart]) -> None:
        self._stored = None
        self._storage.put(f"{self._name}{_ENDING}", _encoded(unsealed, parts))
        self._parts.remove_all_but(parts)


@dataclass(frozen=True)
class _StoredFiles:
    """What is stored: all entries, those of them that stand in parts, and the parts, the oldest first."""

    files: dict[str, IngestedFile]
    sealed: dict[str, IngestedFile]
    parts: list[SealedPart]


def read_ingested_files(storage: StorageReader, table: Table) -> dict[str, IngestedFile] | None:
    """The files that a bronze table was loaded from; None where nothing that can be read says which they are."""
    # An update may put parts together while somebody else reads them, who then finds them gone.
    stored = _read(storage, _list_name(table)) or _read(storage, _list_name(table))
    return None if stored is None else stored.files


def _read(storage: StorageReader, name: str) -> _StoredFiles | None:
    try:
        listed = _decoded(storage.get(f"{name}{_ENDING}"))
        noted = json.loads((listed.schema.metadata or {}).get(_PARTS, b"[]"))
        parts = [SealedPart(*part) for part in noted]
        sealed: dict[str, IngestedFile] = {}
        for part in parts:
            sealed |= _read_sealed(storage, name, part)
        return _StoredFiles(sealed | _files(listed), sealed, parts)
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError):
        return None  # lost, cut short, damaged, or of another version of ours


def _read_sealed(storage: StorageReader, name: str, part: SealedPart) -> dict[str, IngestedFile]:
    return _files(_decoded(read_part(storage, name, _ENDING, part)))


def _encoded(files: Mapping[str, IngestedFile], parts: Sequence[SealedPart] = ()) -> bytes:
    rows = [_row(name, files[name]) for name in sorted(files)]
    columns = list(zip(*rows, strict=True)) or [()] * len(_SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    noted = json.dumps([astuple(part) for part in parts]).encode()
    content = BytesIO()
    pq.write_table(pa.table(arrays, schema=_SCHEMA.with_metadata({_PARTS: noted})), content, compression="zstd")
    return content.getvalue()


def _decoded(content: bytes | None) -> pa.Table:
    """
    Raises:
        ArrowException: there is none, or it is damaged.
    """
    listed = pq.read_table(BytesIO(content or b""))
    if "lost" not in listed.column_names:  # a list of the version before
        listed = listed.append_column("lost", pa.repeat(pa.scalar(0, pa.int64()), listed.num_rows))
    return listed


def _files(listed: pa.Table) -> dict[str, IngestedFile]:
    columns = listed.select(_SCHEMA.names).cast(_SCHEMA).to_pydict()
    rows = zip(*(columns[name] for name in _SCHEMA.names), strict=True)
    return {
        name: IngestedFile(FileVersion(size, modified, changed), load, Content(digest, reason), *counts)
        for name, size, modified, changed, load, digest, reason, *counts in rows
    }


def _row(name: str, file: IngestedFile) -> tuple[object, ...]:
    version, content = file.version, file.content
    return (
        name,
        version.size,
        version.modified,
        version.changed,
        file.load,
        content.digest,
        content.reason,
        file.records,
        file.earlier,
        file.removed,
        file.is_missing,
        file.lost,
    )


def _list_name(table: Table) -> str:
    return f"{state_prefix(table)}/ingested_files"
