"""Backups: both zones and the landing zone at one instant, as folders of plain files."""

from fitness_assets.pipeline.backup.manifest import Backup, backups_in, newest_backup
from fitness_assets.pipeline.backup.restoring import put_aside, restore
from fitness_assets.pipeline.backup.taking import take_backup
from fitness_assets.pipeline.backup.verifying import verify

__all__ = ["Backup", "backups_in", "newest_backup", "put_aside", "restore", "take_backup", "verify"]
