"""The objects that the ledger of extracted lines is made of."""

import re
from dataclasses import dataclass

PARTS_PER_MERGE = 16
"""So many parts of about one size become one; the parts of a long history stay a few dozen."""
_PARSED = re.compile(r"(?P<first>\d{6,})-(?P<last>\d{6,})(?:_(?P<file>.+))?\.parquet")


@dataclass(frozen=True)
class Part:
    """An object of the ledger: the lines of the files of these numbers.

    Attributes:
        file: the name of the file; None where the part was merged of several, all of them landed.
    """

    first: int
    last: int
    file: str | None = None

    @classmethod
    def parse(cls, name: str) -> "Part | None":
        """The part that an object of this name is; None where it is none."""
        match = _PARSED.fullmatch(name)
        return cls(int(match["first"]), int(match["last"]), match["file"]) if match else None

    @property
    def name(self) -> str:
        suffix = f"_{self.file}" if self.file else ""
        return f"{self.first:06d}-{self.last:06d}{suffix}.parquet"

    @property
    def generation(self) -> int:
        """How often its lines were merged."""
        generation, files = 0, self.last - self.first + 1
        while files > 1:
            generation, files = generation + 1, -(-files // PARTS_PER_MERGE)
        return generation

    def covers(self, other: "Part") -> bool:
        return self != other and self.first <= other.first and other.last <= self.last
