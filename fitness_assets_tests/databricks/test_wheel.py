"""The wheel that was submitted is the one that runs, also on a cluster that keeps what it has."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from fitness_assets.databricks.client import Client
from fitness_assets.databricks.runs import entrypoint
from fitness_assets.databricks.runs.job_spec import build_job_spec, upload_wheels
from fitness_assets.databricks.runs.remote_run import RemoteRun
from fitness_assets.databricks.runs.wheel import stamped_wheel, wheel_version
from fitness_assets.errors import SettingError
from fitness_assets.settings.databricks import DatabricksSettings
from fitness_assets_tests.databricks.fake_workspace import build_wheel
from fitness_assets_tests.databricks.remote_platform import RemotePlatform

pytestmark = pytest.mark.programs


def test_another_content_of_the_same_version_is_what_runs_on_a_cluster_that_has_the_first(
    remote: RemotePlatform, tmp_path: Path
) -> None:
    remote.choose_compute("existing")
    printed = []
    for number in range(2):
        code = f"import sys\ndef main():\n    print('content {number}', sys.argv[-1])\n"
        wheel = build_wheel(tmp_path, "fitness_assets", code, entry_point="fitness-assets-remote")
        remote.set_env(FITNESS_WHEEL=str(wheel))
        settings = DatabricksSettings.from_env()
        client = Client.from_env(settings.patience_seconds)
        uploaded = upload_wheels(client.files, settings)
        assert upload_wheels(client.files, settings) == uploaded, "the same content is uploaded once"
        run = RemoteRun(client.jobs, f"run-{number}", poll_seconds=0.05)
        run.submit(build_job_spec(settings, uploaded, []))
        list(run.follow())
        printed.append(remote.workspace.runs[run.run_id or 0].tasks[0].stdout)
        assert printed[-1] == f"content {number} --wheel={wheel_version(uploaded.wheel)}\n"
    assert printed[0].split("=")[1] != printed[1].split("=")[1]


def test_a_workspace_without_a_registry_gets_what_our_wheel_needs_with_it_and_installs_ours_last(
    remote: RemotePlatform, tmp_path: Path
) -> None:
    folder = tmp_path / "needed"
    folder.mkdir()
    remote.set_env(FITNESS_WHEELS=str(folder))
    settings = DatabricksSettings.from_env()
    files = Client.from_env(settings.patience_seconds).files
    with pytest.raises(SettingError, match="no wheel is in it"):
        upload_wheels(files, settings)
    names = [build_wheel(folder, package, "").name for package in ("one", "two")]
    uploaded = upload_wheels(files, settings)
    listed = [*uploaded.needed, uploaded.wheel]
    assert [Path(path).name for path in uploaded.needed] == names
    assert remote.workspace.local_path(uploaded.requirements).read_text().splitlines() == listed
    [environment] = build_job_spec(settings, uploaded, [])["environments"]
    assert environment.spec.dependencies == listed
    remote.choose_compute("existing")
    [task] = build_job_spec(DatabricksSettings.from_env(), uploaded, [])["tasks"]
    assert [library.as_dict() for library in task.libraries] == [{"requirements": uploaded.requirements}]
    run = RemoteRun(Client.from_env(settings.patience_seconds).jobs, "with what it needs", poll_seconds=0.05)
    run.submit({"tasks": [task]})
    list(run.follow())
    assert {Path(path).name for path in remote.workspace.folder.glob("libraries/*/*")} >= {
        "one",
        "two",
        "fitness_assets",
    }


def test_a_stamped_wheel_is_one_that_pip_installs_and_whose_record_holds(project_wheel: Path, tmp_path: Path) -> None:
    name, content = stamped_wheel(project_wheel)
    assert (name, content) == stamped_wheel(project_wheel)
    stamped = tmp_path / name
    stamped.write_bytes(content)
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--no-compile", "--quiet"]
    subprocess.run([*pip, "--target", str(tmp_path / "site"), str(stamped)], check=True)
    [distribution] = metadata.Distribution.discover(name="fitness_assets", path=[str(tmp_path / "site")])
    assert distribution.version == wheel_version(name) and distribution.version.startswith("0.1.0+h")
    [information] = [file for file in distribution.files or [] if file.name == "METADATA"]
    assert information.hash and information.size == len((tmp_path / "site" / information).read_bytes())


def test_a_run_of_another_wheel_than_was_submitted_fails_and_says_which_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    version = metadata.version("fitness_assets")
    zones = ["--catalog=none", "--landing=/none", "--checkpoints=/none"]
    with pytest.raises(SystemExit, match=rf"submitted with fitness_assets 0\.1\.0\+h0, and the compute has {version}"):
        entrypoint.main(["--wheel=0.1.0+h0", *zones])
    assert capsys.readouterr().out == f"fitness_assets {version}\n"
