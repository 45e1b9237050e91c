"""The status of each table, by its log and the pipeline's notes."""

from fitness_assets.contracts.registry import get_table
from fitness_assets.dashboard.queries.quality.table_status import TableStatus, get_table_statuses
from fitness_assets.lakehouse import Version
from fitness_assets.pipeline.state.progress import Progress, ProgressStore
from fitness_assets_tests.dashboard.table_builder import TableBuilder, utc

NOON = utc("06-01 12:00:00")
LOGINS = "bronz_db.gym_logins_bz"


def table_statuses(builder: TableBuilder) -> dict[str, TableStatus]:
    return {table_status.table_name: table_status for table_status in get_table_statuses(builder.reader, NOON)}


def test_a_table_is_not_there_empty_waiting_or_up_to_date(builder: TableBuilder) -> None:
    assert {table_status.status for table_status in table_statuses(builder).values()} == {"not there"}
    builder.write("silver_db.workouts")
    builder.add_session(1, 1, utc("06-01 10:00:00"), utc("06-01 10:30:00"))
    builder.write("bronz_db.date_lookup")
    statuses = table_statuses(builder)
    assert statuses["bronz_db.date_lookup"].status == "empty"
    assert statuses["silver_db.workouts"].status == "up to date"
    assert statuses["silver_db.completed_workouts"].status == "waiting"
    assert statuses["silver_db.completed_workouts"].waits_for == ("silver_db.workouts",)


def write_progress(builder: TableBuilder, table_name: str, as_of: str | None = None) -> None:
    """Note that the table has used its sources as they are now."""
    updated = get_table(table_name)
    version = latest_version(builder, table_name)
    assert version is not None
    source_versions = {source.table: latest_version(builder, source.table) for source in updated.sources}
    used = {name: source_version for name, source_version in source_versions.items() if source_version}
    ProgressStore.from_settings(builder.settings).write(updated, Progress(version, used, as_of=as_of))


def latest_version(builder: TableBuilder, table_name: str) -> Version | None:
    return builder.reader.lakehouse.log(get_table(table_name)).version()


def test_a_table_waits_for_sources_that_changed_but_not_for_a_compaction(builder: TableBuilder) -> None:
    for minute in range(3):
        builder.add_session(1, minute, utc(f"06-01 10:0{minute}:00"), utc("06-01 10:30:00"))
    write_progress(builder, "silver_db.completed_workouts")
    builder.delta_table("silver_db.workouts").optimize.compact()
    workouts = table_statuses(builder)["silver_db.workouts"]
    assert (workouts.files, workouts.version, workouts.operation) == (1, 3, "WRITE")
    assert table_statuses(builder)["silver_db.completed_workouts"].status == "up to date"
    builder.add_session(1, 9, utc("06-01 10:05:00"))
    assert table_statuses(builder)["silver_db.completed_workouts"].waits_for == ("silver_db.workouts",)


def test_ages_wait_for_a_new_day(builder: TableBuilder) -> None:
    for table_name in ("silver_db.users", "silver_db.user_profile", "silver_db.user_bins"):
        builder.write(table_name)
    write_progress(builder, "silver_db.user_bins", as_of="2020-01-01")
    assert table_statuses(builder)["silver_db.user_bins"].waits_for == ("a new day",)


def test_bronze_waits_for_files_that_landed(builder: TableBuilder) -> None:
    folder = builder.settings.landing_zone / "gym_logins_bz"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("mac_address,gym,login,logout\n")
    assert table_statuses(builder)[LOGINS].waits_for == ("new files in the landing zone",)


def test_the_newest_event_is_told_and_no_wrong_clock(builder: TableBuilder) -> None:
    builder.add_visit(1, 5, utc("06-01 10:00:00"), utc("06-01 11:00:00"))
    builder.add_readings(1, (utc("06-01 11:30:00"), 100.0))
    builder.add_readings(1, (utc("06-01 11:30:00").replace(year=2999), 100.0))
    statuses = table_statuses(builder)
    assert statuses["silver_db.gym_logs"].newest_event == utc("06-01 11:00:00")
    assert statuses["silver_db.heart_rate"].newest_event == utc("06-01 11:30:00")
    assert statuses["silver_db.gym_logs"].rows == 1
    assert statuses["silver_db.gym_logs"].bytes > 0
