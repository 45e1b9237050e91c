"""People in the data: one is forgotten, or handed all that is known; and nothing is kept for longer than it may be."""

from fitness_assets.privacy.due import DueCount, count_due
from fitness_assets.privacy.erasing import ErasureReport, count_erasable, erase
from fitness_assets.privacy.exporting import export_person
from fitness_assets.privacy.person import Person, find_person
from fitness_assets.privacy.requests import erase_requested, request_erasure
from fitness_assets.privacy.retention import keep_retention

__all__ = [
    "DueCount",
    "ErasureReport",
    "Person",
    "count_due",
    "count_erasable",
    "erase",
    "erase_requested",
    "export_person",
    "find_person",
    "keep_retention",
    "request_erasure",
]
