"""What the probe finds on strict volumes, on a workspace, and what then follows."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from fitness_assets.cli.main import cli
from fitness_assets.databricks.probe.probing import QUESTIONS, needed_problems, require_probed
from fitness_assets.databricks.probe.report import report_rows, summary
from fitness_assets.errors import WorkspaceError
from fitness_assets.pipeline.state.findings import Finding, Findings, read_findings, write_findings
from fitness_assets.settings import Settings
from fitness_assets.storage import open_storage
from fitness_assets.storage.volume import VolumeStorage
from fitness_assets_tests.databricks.fake_workspace import FakeWorkspace
from fitness_assets_tests.databricks.on_volumes import VOLUME, Machine
from fitness_assets_tests.databricks.remote_platform import RemotePlatform

ASK_VOLUMES = """
import json, sys
from pathlib import Path
from fitness_assets.databricks.probe import volumes
from fitness_assets.databricks.probe.questions import Surroundings
from fitness_assets.pipeline.state.findings import Finding, Findings
from fitness_assets.settings import Settings

compute, others = sys.argv[1], [Findings(other, "", "", "", (Finding("volumes.same_times", True, detail),))
                                for other, detail in json.loads(sys.argv[2]).items()]
folder = Path(sys.argv[3]) / "scratch" / compute
folder.mkdir(parents=True)
surroundings = Surroundings(None, Settings(base_dir=folder), folder, "", "", "token", compute, others)
print(json.dumps({q.name: [a.is_so, a.detail] for q in volumes.questions.all for a in [q.answered(surroundings)]}))
"""
REFUSED = {"rename", "link", "append", "writes_anywhere", "flock", "modes", "folder_times"}


def answers_of(printed: str) -> dict[str, bool]:
    return {name.removeprefix("volumes."): is_so for name, (is_so, _) in json.loads(printed).items()}


def test_on_a_strict_volume_it_finds_each_refusal_and_that_what_updates_need_is_there(machine: Machine) -> None:
    printed = machine.run(ASK_VOLUMES, "serverless", "{}", str(VOLUME))
    answers = answers_of(printed)
    assert {name for name, is_so in answers.items() if not is_so} == REFUSED
    assert "Function not implemented" in json.loads(printed)["volumes.rename"][1]


def test_in_a_plain_folder_it_finds_that_all_of_it_works(machine: Machine, tmp_path: Path) -> None:
    """Else the questions would be answered no whatever a volume does."""
    assert all(answers_of(machine.run(ASK_VOLUMES, "serverless", "{}", str(tmp_path))).values())


def test_that_two_kinds_of_compute_see_other_times_is_found_by_the_second(machine: Machine) -> None:
    first = json.loads(machine.run(ASK_VOLUMES, "serverless", "{}", str(VOLUME)))
    others = json.dumps({"serverless": first["volumes.same_times"][1]})
    same = answers_of(machine.run(ASK_VOLUMES, "standard", others, str(VOLUME)))
    assert same["same_times"]
    skewed = json.loads(machine.run(ASK_VOLUMES, "dedicated", others, str(VOLUME), skew=3))
    assert skewed["volumes.same_times"][0] is False
    assert "other than on serverless" in skewed["volumes.same_times"][1]


def found(*missing: str, compute: str = "serverless", runtime: str = "client.4.0") -> Findings:
    findings = tuple(Finding(name, name not in missing, "seen") for name in QUESTIONS)
    return Findings(compute, "2026-01-01T00:00:00+00:00", "a run", "0.1.0", findings, runtime)


def test_each_question_says_what_is_asked_from_where_and_what_follows() -> None:
    for question in QUESTIONS.values():
        assert question.statement and question.source and question.if_so and question.if_not, question.name
        assert not (question.is_needed and question.expected is False), question.name
    assert {name.split(".")[0] for name in QUESTIONS} == {"volumes", "runtime", "tables", "lakeflow"}
    assert len(report_rows(found())) == len(QUESTIONS)


def test_what_was_found_is_kept_for_each_compute_and_runtime_and_the_last_counts(tmp_path: Path) -> None:
    storage = VolumeStorage(tmp_path)
    newer, standard = found("tables.keys", runtime="client.5.0"), found(compute="standard", runtime="17.3")
    for findings in (found("tables.merge"), newer, standard, found()):
        write_findings(storage, findings)
    assert read_findings(storage) == [found(), newer, standard]


def test_updates_are_refused_on_compute_that_lacks_what_they_need_until_it_was_probed_again(tmp_path: Path) -> None:
    settings = Settings(base_dir=tmp_path)
    storage = open_storage(settings.checkpoint_zone)
    require_probed(settings, "serverless", "client.4.0")
    write_findings(storage, found("tables.change_feed", "volumes.rename"))
    with pytest.raises(
        WorkspaceError, match=r"tables\.change_feed: not so on serverless compute \(client\.4\.0\).*run on another kind"
    ) as raised:
        require_probed(settings, "serverless", "client.4.0")
    assert "rename" not in str(raised.value), "nothing needs it"
    require_probed(settings, "standard", "client.4.0")
    write_findings(storage, found())
    require_probed(settings, "serverless", "client.4.0")


def test_what_another_version_of_the_runtime_lacks_counts_for_nothing(tmp_path: Path) -> None:
    settings = Settings(base_dir=tmp_path)
    storage = open_storage(settings.checkpoint_zone)
    write_findings(storage, found("tables.change_feed"))
    require_probed(settings, "serverless", "client.5.0")
    write_findings(storage, replace(found("tables.change_feed"), runtime=""))
    require_probed(settings, "serverless", "client.5.0")


def test_an_answer_to_a_question_of_another_version_counts_for_nothing() -> None:
    other = replace(found(), findings=(Finding("tables.teleportation", False),))
    assert not needed_problems(other) and not report_rows(other)
    assert summary(other).startswith("serverless compute (client.4.0): 0 answers")


@pytest.mark.slow
@pytest.mark.programs
def test_the_command_probes_a_workspace_and_prints_what_holds_and_what_follows(
    spark_workspace: FakeWorkspace, project_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = RemotePlatform(spark_workspace, monkeypatch, project_wheel, tmp_path / "tables")
    result = CliRunner().invoke(cli, ["databricks", "probe", "--compute", "serverless"])
    [run] = spark_workspace.runs.values()
    [findings] = read_findings(VolumeStorage(remote.checkpoint_zone))
    assert not needed_problems(findings), run.tasks[0].stderr
    assert result.exit_code == 0, result.output
    answers = findings.answers
    assert (findings.compute, findings.runtime) == ("serverless", "client.4.0") and set(answers) == set(QUESTIONS)
    # Of the machine of the stand-in, which has open-source Spark 4.0 by Spark Connect and strict volumes.
    not_so = {"runtime.dbutils", "runtime.secret_function", "runtime.workspace_client"}
    not_so |= {f"tables.{name}" for name in ("auto_loader", "keys", "merge_transaction_ids", "predictive_optimization")}
    # What a task installs, the workers of a server beside it have not.
    not_so |= {"lakeflow.whole_files", "lakeflow.judges_in_workers"}
    not_so |= {f"volumes.{name}" for name in REFUSED} & set(answers)
    assert {name for name, is_so in answers.items() if not is_so} == not_so
    assert "A file can be renamed" in result.output and "nothing missing of what updates need" in result.output
    assert not list((remote.checkpoint_zone / "probe_scratch").glob("*/*")), "nothing but the answers stays"
