"""Files of any name and any content: listed, read or refused, in bounded memory and without a trace."""

import gzip
import os
from pathlib import Path

import pytest

from fitness_assets.contracts.feeds import DATE_LOOKUP, GYM_LOGINS, KAFKA_RECORDS, FileFeed
from fitness_assets.pipeline.landing import reader
from fitness_assets.pipeline.landing.listing import list_files, scan_folder
from fitness_assets.pipeline.landing.loading import LoadedFiles, inspect_file, load_files, survey_file
from fitness_assets.pipeline.landing.names import zone_name, zone_path
from fitness_assets.pipeline.landing.reader import FileChangedError
from fitness_assets_tests.records import LOGINS, NOON, reading

GOOD = f"{LOGINS}\naa,5,1,2\n".encode()


def reasons(feed: FileFeed, folder: Path) -> dict[str, list[str | None]]:
    """Of each file the reasons of its records; counting says the same as reading."""
    found: dict[str, list[str | None]] = {}
    for name in list_files(folder, feed).files:
        rows = list(load_files(feed, folder, {name: 1}, {}, LoadedFiles()))
        found[name] = [reason for table in rows for reason in table["reason"].to_pylist()]
        survey = survey_file(feed, folder, name)
        assert survey is not None and survey[0] == len(found[name]), name
    return found


@pytest.mark.parametrize(
    "name",
    [
        "gym_2026-11-23T10:00:00.csv",
        "Zürich.csv",
        "it's 100% [a]{b}*?.csv",
        "GYM.CSV",
        "a/b=1/c.csv",
        "new\nline.csv",
        "back\\slash.csv",
        "x" * 250 + ".csv",
    ],
)
def test_names_of_all_kinds_are_read(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(GOOD)
    (found,) = reasons(GYM_LOGINS, tmp_path).values()
    assert found == [None]


def test_names_that_are_no_text_are_names_too() -> None:
    names = [b"a\xff.csv", b"a\\xff.csv", "aÿ.csv".encode(), b"a\\\\xff.csv", b"plain.csv"]
    assert len({zone_name(name) for name in names}) == len(names)
    assert all(zone_path(Path("/zone"), zone_name(name)) == b"/zone/" + name for name in names)
    assert zone_name(b"plain.csv") == "plain.csv"


def test_a_file_whose_name_is_no_text_is_read(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/Z\xfcrich.csv")).write_bytes(GOOD)
    assert reasons(GYM_LOGINS, tmp_path) == {r"Z\xfcrich.csv": [None]}


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        (KAFKA_RECORDS, "a.json"),
        (KAFKA_RECORDS, "a.jsonl"),
        (KAFKA_RECORDS, "A.NDJSON"),
        (KAFKA_RECORDS, "topic=bpm/date=2026-01-01/a.json.gz"),
        (DATE_LOOKUP, "6-date-lookup.json/part-0.json"),
    ],
)
def test_endings_and_folders(tmp_path: Path, feed: FileFeed, name: str) -> None:
    line = reading(1, NOON, 60.0) if feed is KAFKA_RECORDS else '{"date": "2026-01-01", "week_part": "2026-1"}'
    content = f"{line}\n".encode()
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    assert reasons(feed, tmp_path) == {name: [None]}


def test_what_is_left_alone_is_named_and_what_is_unfinished_is_not(tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_bytes(GOOD)
    (tmp_path / "notes.txt").write_text("no records")
    (tmp_path / "link.csv").symlink_to(tmp_path / "good.csv")
    (tmp_path / "linked").symlink_to("/")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "below").mkdir()
    (tmp_path / "below/x.zip").write_bytes(b"PK")
    for name in ("_SUCCESS", ".part-0.csv.crc", "a.csv.tmp", "A.CSV.TMP"):
        (tmp_path / name).write_bytes(GOOD)
    (tmp_path / "_temporary").mkdir()
    (tmp_path / "_temporary/a.csv").write_bytes(GOOD)
    listing = list_files(tmp_path, GYM_LOGINS)
    assert list(listing.files) == ["good.csv"]
    endings = "its name ends with none of .csv, .csv.gz"
    assert listing.left_alone == {
        "notes.txt": endings,
        "below/x.zip": endings,
        "link.csv": "a link",
        "linked": "a link",
        "pipe.csv": "no plain file",
    }


def test_files_that_cannot_be_read_are_one_record_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 5_000_000)
    packed = gzip.compress(GOOD * 1000)
    contents = {
        "empty.csv": b"",
        "blank.csv": b"\n \r\n\xef\xbb\xbf\n",
        "empty.csv.gz": gzip.compress(b""),
        "binary.csv": bytes(range(256)),
        "utf16.csv": GOOD.decode().encode("utf-16"),
        "header.csv": b"mac,gym\naa,5\n",
        "twice.csv": b"mac_address,gym,login,logout,GYM\naa,5,1,2,5\n",
        "missing.csv": b"mac_address,login,logout\naa,1,2\n",
        "semicolon.csv": GOOD.replace(b",", b";"),
        "junk.csv.gz": b"junk",
        "cut.csv.gz": packed[: len(packed) // 2],
        "damaged.csv.gz": packed[:20] + b"\0\0\0\0" + packed[24:],
        "large.csv": GOOD * 300_000,
        "bomb.csv.gz": gzip.compress(b"\0" * 6_000_000),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    assert {name: found for name, (found,) in reasons(GYM_LOGINS, tmp_path).items()} == {
        "binary.csv": "binary_file",
        "blank.csv": "empty_file",
        "bomb.csv.gz": "file_too_large",
        "cut.csv.gz": "bad_gzip",
        "damaged.csv.gz": "bad_gzip",
        "empty.csv": "empty_file",
        "empty.csv.gz": "empty_file",
        "header.csv": "wrong_header",
        "junk.csv.gz": "bad_gzip",
        "large.csv": "file_too_large",
        "missing.csv": "wrong_header",
        "semicolon.csv": "wrong_header",
        "twice.csv": "wrong_header",
        "utf16.csv": "binary_file",
    }


def test_a_file_without_permission_is_named_and_tried_again_when_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(GOOD)
    before = list_files(tmp_path, GYM_LOGINS)

    def refused(*_: object) -> int:
        raise PermissionError

    with monkeypatch.context() as without:
        without.setattr(os, "open", refused)  # whoever runs the tests may be root, whom no mode stops
        assert reasons(GYM_LOGINS, tmp_path) == {"a.csv": ["no_permission"]}
    file.chmod(0o640)
    after = list_files(tmp_path, GYM_LOGINS)
    assert after.fingerprint != before.fingerprint
    assert reasons(GYM_LOGINS, tmp_path) == {"a.csv": [None]}


def test_a_folder_that_may_not_be_looked_into_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.csv").write_bytes(GOOD)
    scandir = os.scandir

    def without_permission(folder: bytes) -> object:
        if folder.rstrip(b"/").endswith(b"closed"):
            raise PermissionError
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", without_permission)
    listing = list_files(tmp_path, GYM_LOGINS)
    assert list(listing.files) == ["a.csv"]
    assert listing.left_alone == {"closed/": "no permission"}


def test_folders_deeper_than_a_path_can_be_named_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        Path("d" * 240).mkdir()
        os.chdir("d" * 240)
    Path("a.csv").write_bytes(GOOD)
    (tmp_path / "b.csv").write_bytes(GOOD)
    listing = list_files(tmp_path, GYM_LOGINS)
    assert list(listing.files) == ["b.csv"]
    assert list(listing.left_alone.values()) == ["it cannot be looked at: File name too long"]


def test_lines_with_a_fault_are_refused_and_the_others_come_in(tmp_path: Path) -> None:
    lines = [
        LOGINS.encode(),
        b"aa,5,1,2",
        b"bb,5,\0,2",
        b"cc,5,1,2",
        b"\xff,5,1,2",
        b"," * 25_000,
        "\u2028".join(["dd,5,1,2"] * 8_000).encode(),
        b'ee,5,"1',
        b'2",3',
        b"ff,5,1,2",
    ]
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" * 2 + b"\n".join(lines))
    assert reasons(GYM_LOGINS, tmp_path)["a.csv"] == [None, "malformed", None, *["malformed"] * 5, None]


def test_a_line_that_is_too_long_is_refused_alone(tmp_path: Path) -> None:
    long = b'{"value": "' + b"x" * (17 * 1024 * 1024) + b'"}'
    good = reading(1, NOON, 60.0).encode()
    (tmp_path / "a.json").write_bytes(good + b"\n" + long + b"\n" + good)
    assert reasons(KAFKA_RECORDS, tmp_path)["a.json"] == [None, "line_too_long", None]


def test_a_mark_on_a_line_of_its_own_is_counted_as_it_is_read(tmp_path: Path) -> None:
    good = reading(1, NOON, 60.0).encode()
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf\n\xef\xbb\xbf" + good + b"\n")
    assert reasons(KAFKA_RECORDS, tmp_path)["a.json"] == [None]


def test_columns_are_found_by_name_and_unknown_ones_are_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"Logout",GYM, login ,more,mac_address,\n,5,1,"x ""y""",aa,\n')
    loaded = LoadedFiles()
    (rows,) = load_files(GYM_LOGINS, tmp_path, {"a.csv": 1}, {}, loaded)
    (row,) = rows.to_pylist()
    assert (row["mac_address"], row["gym"], row["login"], row["logout"]) == ("aa", 5, 1.0, None)
    assert row["unknown_fields"] == '{"more": "x \\"y\\""}'
    assert row["raw"] == ',5,1,"x ""y""",aa,'
    assert loaded.unknown_fields == {"more", "[6]"}


def test_a_file_that_is_written_to_while_it_is_read_gives_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(GOOD)
    monkeypatch.setattr(reader, "_CHUNK_BYTES", 4)
    updates = iter([True])

    class Growing(reader._Hashing):
        def read(self, size: int = -1, /) -> bytes:
            if next(updates, False):
                with file.open("ab") as more:
                    more.write(b"bb,5,1,2\n")
            return super().read(size)

    monkeypatch.setattr(reader, "_Hashing", Growing)
    with pytest.raises(FileChangedError):
        list(load_files(GYM_LOGINS, tmp_path, {"a.csv": 1}, {}, LoadedFiles()))
    content = inspect_file(tmp_path, "a.csv")
    assert content is not None and content.digest


def test_a_fingerprint_changes_with_every_file_at_any_depth(tmp_path: Path) -> None:
    seen = {scan_folder(tmp_path, GYM_LOGINS).fingerprint}
    for name in ("a.csv", "below/b.csv", "below/deeper/c.csv.gz"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(GOOD)
        seen.add(scan_folder(tmp_path, GYM_LOGINS).fingerprint)
    (tmp_path / "left alone.txt").write_text("")
    assert scan_folder(tmp_path, GYM_LOGINS).fingerprint in seen and len(seen) == 4
