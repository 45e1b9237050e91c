"""What a run on the workspace does with files does not need what a volume refuses. No Spark takes part."""

import gzip
import json

import pytest

from fitness_assets_tests.databricks.on_volumes import VOLUME, Machine

pytestmark = pytest.mark.programs

OBJECTS = f"""
from pathlib import Path
from fitness_assets.storage import open_files, open_storage

for storage in (open_storage(Path("{VOLUME}/state")), open_files(Path("{VOLUME}/landing"))):
    storage.put("a/one", b"first")
    storage.put("a/one", [b"sec", b"ond"])
    storage.put("a/two", b"")
    assert storage.get("a/one") == b"second" and storage.get("a/none") is None
    assert [(info.name, info.size) for info in storage.list_objects("a")] == [("a/one", 6), ("a/two", 0)]
    with storage.lease("a/lock", "the table"):
        storage.put("a/three", b"x" * 3_000_000)
    storage.delete("a/three")
    storage.delete("a/three")
    assert len(storage.list_objects("a")) == 2
    storage.delete("a")
    assert storage.list_objects("a") == []
"""


def test_objects_and_files_are_put_read_listed_held_and_deleted(machine: Machine) -> None:
    machine.run(OBJECTS)


def test_a_lease_of_a_volume_lies_on_the_machine(machine: Machine) -> None:
    code = f"""
from pathlib import Path
from fitness_assets.errors import LockTimeoutError
from fitness_assets.storage import open_storage

storage = open_storage(Path("{VOLUME}"))
with storage.lease("a.lock", "the table"):
    try:
        with storage.lease("a.lock", "the table", patience=0.2):
            print("twice")
    except LockTimeoutError as error:
        print("once")
"""
    assert machine.run(code) == "once\n"
    assert not list(machine.volume.iterdir())


LAND = f"""
import sys
from pathlib import Path
from fitness_assets.databricks.runs import integration_test
from fitness_assets.settings import Settings

class Lake:
    settings = Settings(base_dir=Path("{VOLUME}"), landing=Path("{VOLUME}"))

integration_test._land(Lake(), 0)
"""


def test_the_integration_test_lands_its_sample(machine: Machine) -> None:
    machine.run(LAND)
    landed = sorted(str(file.relative_to(machine.volume)) for file in machine.volume.rglob("*") if file.is_file())
    assert len([name for name in landed if name.endswith("integration_test_0.csv")]) == 2
    assert not [name for name in landed if "_integration" in name or name.endswith(".tmp")]


LOOK = f"""
import json
from pathlib import Path
from fitness_assets.contracts.feeds import GYM_LOGINS
from fitness_assets.pipeline.pending import LocalZoneView
from fitness_assets.settings import Settings

class Lake:
    settings = Settings(base_dir=Path("{VOLUME}"), landing=Path("{VOLUME}"), checkpoints=Path("{VOLUME}/chkpt_zone"))

view = LocalZoneView(Lake())
seen = []
for number in range(3):
    seen.append(view.fingerprint(GYM_LOGINS))
    folder = Path("{VOLUME}/gym_logins_bz")
    folder.mkdir(exist_ok=True)
    (folder / f"{{number}}.csv").write_text("x")
print(json.dumps(seen))
"""


def test_a_stream_on_the_workspace_sees_what_landed_though_the_time_of_its_folder_never_changes(
    machine: Machine,
) -> None:
    seen = json.loads(machine.run(LOOK))
    assert [fingerprint.split("-")[0] for fingerprint in seen] == ["0", "1", "2"]


BLANK = f"""
import os, shutil, sys
from pathlib import Path
from fitness_assets.contracts.feeds import GYM_LOGINS
from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline.state.erasures import Belonging, Erasure, Erasures
from fitness_assets.pipeline.strategies.ingestion import blanking
from fitness_assets.storage import open_storage

blanked = blanking.BlankedFiles(
    open_storage(Path("{VOLUME}/state")), get_table(GYM_LOGINS.table), GYM_LOGINS, Path("{VOLUME}/gym_logins_bz")
)
if sys.argv[1] == "kill":
    def cut_short(source, target, length):
        target.write(source.read(20))
        target.flush()
        os._exit(9)
    shutil.copyfileobj = cut_short
if sys.argv[1] in ("kill", "blank"):
    key = b"key"
    mac = Erasures(key).hash("mac", "aa")
    erasures = Erasures(key, (Erasure("1", "2026-01-01", (), (), (Belonging(mac),)),))
    print(blanked.blank(sorted(blanked.listing().files), blanking.Forgotten(erasures)))
else:
    print(len(blanked.listing().files))
"""
HEADER = "mac_address,gym,login,logout\n"


def lines_of(machine: Machine) -> dict[str, str]:
    folder = machine.volume / "gym_logins_bz"
    packed = gzip.decompress((folder / "b.csv.gz").read_bytes()).decode()
    return {"a.csv": (folder / "a.csv").read_text(), "b.csv.gz": packed}


@pytest.mark.parametrize("is_killed", [False, True])
def test_lines_of_forgotten_people_leave_landed_files_and_a_kill_tears_none(machine: Machine, is_killed: bool) -> None:
    folder = machine.volume / "gym_logins_bz"
    folder.mkdir()
    (folder / "a.csv").write_text(f"{HEADER}bb,5,1,2\naa,5,1,2\ncc,5,1,2\n")
    (folder / "b.csv.gz").write_bytes(gzip.compress(f"{HEADER}aa,6,1,2\n".encode()))
    if is_killed:
        machine.run(BLANK, "kill", expected=9)
        assert machine.run(BLANK, "look") == "2\n", "what was cut short is finished before anything is read"
        assert lines_of(machine)["a.csv"] == f"{HEADER}bb,5,1,2\n\ncc,5,1,2\n"
    machine.run(BLANK, "blank")
    assert lines_of(machine) == {"a.csv": f"{HEADER}bb,5,1,2\n\ncc,5,1,2\n", "b.csv.gz": f"{HEADER}\n"}
    assert sorted(file.name for file in folder.iterdir()) == ["a.csv", "b.csv.gz"]
