"""What we make is for its owner alone, whatever the rights that new files usually get."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fitness_assets.private_files import (
    close_base,
    close_to_others,
    keep_new_files_private,
    make_public_folder,
    private_temporary_folder,
)
from fitness_assets_tests.other_user import OTHER_USER


def rights(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def run(base: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "fitness_assets.cli.main", *words],
        env=os.environ | {"FITNESS_BASE_DIR": str(base)} | variables,
        capture_output=True,
        text=True,
        check=False,
        umask=0o022,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def usual_rights() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.programs
def test_what_a_command_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    base = tmp_path / "new" / "base"
    run(base, "sample", "--users", "3", "--days", "1")
    made = [base.parent, base, *base.rglob("*")]
    assert len(made) > 5 and {path for path in made if rights(path) & 0o077} == set()


@pytest.mark.programs
def test_a_base_folder_that_was_open_is_closed_and_that_is_said_once(tmp_path: Path) -> None:
    base, shared = tmp_path / "base", tmp_path / "shared"
    for folder, mode in ((base, 0o755), (shared, 0o775)):
        folder.mkdir()
        folder.chmod(mode)
    first, second = (run(base, "status", FITNESS_LANDING_ZONE=str(shared)) for _ in range(2))
    assert f"{base} was open to other users of this machine; from now on it is not." in first.stderr
    assert second.stderr == ""
    assert (rights(base), rights(shared)) == (0o700, 0o775)


@pytest.mark.parametrize("mode", [0o2775, 0o757, 0o1777])
def test_a_base_folder_that_others_may_write_to_is_open_on_purpose(tmp_path: Path, mode: int) -> None:
    base = tmp_path / "base"
    (base / "data_zone").mkdir(parents=True)
    base.chmod(mode)
    assert close_base(base, base / "data_zone" / "raw") is None and rights(base) == mode


def test_a_base_folder_whose_landing_zone_others_fill_stays_open(tmp_path: Path) -> None:
    base, raw = tmp_path, tmp_path / "data_zone" / "raw"
    raw.mkdir(parents=True)
    base.chmod(0o755)
    raw.chmod(0o777)
    assert close_base(base, raw) is None and rights(base) == 0o755
    raw.chmod(0o755)
    assert close_base(base, raw) and rights(base) == 0o700


def test_a_folder_that_is_more_than_a_base_folder_keeps_its_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "somebody's").mkdir()
    tmp_path.chmod(0o755)
    assert close_base(tmp_path, tmp_path / "raw") is None and rights(tmp_path) == 0o755
    (tmp_path / "data_zone").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert close_base(tmp_path, tmp_path / "raw") is None and rights(tmp_path) == 0o755


@pytest.mark.programs
def test_in_a_shared_landing_zone_others_may_do_what_they_may_in_the_zone(tmp_path: Path) -> None:
    zone = tmp_path / "shared"
    zone.mkdir()
    zone.chmod(0o2775)
    run(tmp_path / "base", "sample", "--users", "3", "--days", "1", FITNESS_LANDING_ZONE=str(zone))
    folders = [path for path in zone.rglob("*") if path.is_dir()]
    files = [path for path in zone.rglob("*") if path.is_file()]
    assert folders and {rights(path) & 0o777 for path in folders} == {0o775}
    assert files and {rights(path) for path in files} == {0o664}


@pytest.mark.skipif(OTHER_USER is None, reason="only root can give files to somebody else")
def test_what_belongs_to_somebody_else_stays_as_it_is(tmp_path: Path) -> None:
    assert OTHER_USER is not None
    tmp_path.chmod(0o755)
    os.chown(tmp_path, OTHER_USER, OTHER_USER)
    assert not close_to_others(tmp_path) and rights(tmp_path) == 0o755
    assert not close_to_others(tmp_path / "not there")


def test_the_folder_for_temporary_files_is_ours_or_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual_rights: None
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = private_temporary_folder()
    assert rights(folder) == 0o700
    folder.chmod(0o777)
    assert private_temporary_folder() == folder and rights(folder) == 0o700
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="was made by somebody else"):
        private_temporary_folder()
    if OTHER_USER is not None:
        folder.unlink()
        folder.mkdir()
        os.chown(folder, OTHER_USER, OTHER_USER)
        with pytest.raises(PermissionError, match="let TMPDIR name a folder of yours"):
            private_temporary_folder()


def test_what_was_installed_for_everybody_can_be_read_by_everybody(tmp_path: Path, usual_rights: None) -> None:
    keep_new_files_private()
    make_public_folder(tmp_path / "share" / "java")
    assert rights(tmp_path / "share") == rights(tmp_path / "share" / "java") == 0o755
