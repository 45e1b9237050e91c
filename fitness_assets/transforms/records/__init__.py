"""Each record judged once, where it lands: what a line is, what its fields are, whether a rule refuses it and why.

The rules are those of the contract, sections 2 and 5, the same for files and for a broker. They are plain functions on
single records; nothing here knows an engine.
"""

from fitness_assets.transforms.records.again import SecondJudge
from fitness_assets.transforms.records.broker import BrokerRecord, BrokerRecordJudge
from fitness_assets.transforms.records.events import judge_event
from fitness_assets.transforms.records.fields import judge_fields
from fitness_assets.transforms.records.file_judge import FileJudge
from fitness_assets.transforms.records.judges import open_judge
from fitness_assets.transforms.records.lines import LongLine, content_of, is_blank, split_lines
from fitness_assets.transforms.records.rows import MAX_UNKNOWN_FIELDS, BronzeRows, SourceFile

__all__ = [
    "MAX_UNKNOWN_FIELDS",
    "BrokerRecord",
    "BrokerRecordJudge",
    "BronzeRows",
    "FileJudge",
    "LongLine",
    "SecondJudge",
    "SourceFile",
    "content_of",
    "is_blank",
    "judge_event",
    "judge_fields",
    "open_judge",
    "split_lines",
]
