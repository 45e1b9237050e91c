"""Every command in the documents is run: here, as a newcomer types it, or by the test that is named for it."""

import ast
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import click
import pytest

from fitness_assets.cli.main import cli
from fitness_assets.live.broker.server import Broker
from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets_tests.checkout import ROOT, Checkout
from fitness_assets_tests.documents.commands import PAGES, block_commands, indented_commands, inline_commands

pytestmark = pytest.mark.programs

OURS = ".venv/bin/fitness-assets"
PRODUCE = f"{OURS} produce --to kafka --people 100 --late 0.05 --malformed 0.01"
KAFKA = f"{OURS} kafka"

IN_ORDER = (
    f"{OURS} engine start --warm",
    f"export SPARK_REMOTE=$({OURS} engine address)",
    "make run",
    ".venv/bin/dagster asset materialize --select '*' -m fitness_assets.definitions",
    f"{OURS} sample --help",
    f"{OURS} validate",
    f"{OURS} export --user 10003 person.zip",
    f"{OURS} erase --user 10003 --dry-run",
    f"{OURS} erase --user 10003 --yes",
    f"{OURS} retention --dry-run",
    f"{OURS} retention",
    f"{OURS} backup .fitness/backups",
    f"{OURS} backup .fitness/backups --verify",
    f"{OURS} restore .fitness/backups --replace",
    f"{OURS} run silver_db.users --full-refresh",
    f"{OURS} setup",
    f"{OURS} status",
    f"{OURS} quarantine list",
    f"{OURS} quarantine show --reason malformed --whole",
    f"{OURS} quarantine replay",
    f"{OURS} show",
    f"{OURS} document",
    f"{OURS} clean",
    f"{OURS} engine stop",
)
"""Run one after the other in one shell, in a checkout and a base folder of their own."""

WITH_A_BROKER = (PRODUCE, KAFKA)

EXPORTS = f'eval "$({OURS} kafka --exports)"'
"""Run beside the live stack."""

LIVE = 'make live LIVE="--stream 1"'
_STACK = "live/test_stack.py::test_it_runs_by_itself_brings_back_what_dies_and_leaves_nothing_running"
_ALERTS = "cli/test_alerts.py::test_"
BY_ANOTHER_TEST = {
    f"{OURS} alerts test": f"{_ALERTS}each_receiver_is_tried_and_one_that_does_not_take_it_is_named",
    f"{OURS} alerts list": f"{_ALERTS}what_is_wrong_is_listed_with_who_is_told",
    f"{OURS} alerts acknowledge 4f1c9a": f"{_ALERTS}what_somebody_sees_to_is_listed_so_and_told_once",
    f"{OURS} alerts check": f"{_ALERTS}somebody_else_than_dagster_looks_and_tells_once",
    'export FITNESS_ALERT_WEBHOOKS="slack=https://hooks.slack.com/services/... teams=https://... json=https://..."': (
        "settings/test_alert_settings.py::test_receivers_and_hours_are_read"
    ),
    'export FITNESS_ALERT_EMAIL_TO="on-call@example.org" FITNESS_SMTP_HOST=mail.example.org': (
        "settings/test_alert_settings.py::test_receivers_and_hours_are_read"
    ),
    "make bench": "benchmarks/test_benchmarks.py::test_the_page_is_written_from_what_was_measured",
    "make ui": "browser/test_dagster.py::test_the_graph_shows_every_asset_from_sources_to_gold",
    "make live": _STACK,
    "make dashboard": "dashboard/test_command.py::test_it_says_its_address_answers_and_ends_when_told_to",
    f"{OURS} live --stream 0.5 --produce '--people 1000 --minutes 15-40'": _STACK,
    "deployment/deploy.sh dist/fitness_assets.zip dev --lakeflow dev_lakeflow": (
        "deployment/test_deploy.py::test_the_lakeflow_pipeline_is_deployed_where_it_is_asked_for_and_once"
    ),
    "deployment/download-wheels.sh dist/wheels": (
        "databricks/test_same_as_local.py::test_every_form_of_compute_gives_the_tables_and_the_metadata_of_local_spark"
    ),
    "export FITNESS_WHEELS=dist/wheels": (
        "databricks/test_wheel.py::"
        "test_a_workspace_without_a_registry_gets_what_our_wheel_needs_with_it_and_installs_ours_last"
    ),
    f"{OURS} run gold_db.gym_days": "documents/test_extending.py::test_the_recipe_for_a_table_gives_a_whole_asset",
    f"{OURS} run bronz_db.kafka_multiplex_bz silver_db.sleep silver_db.quarantine": (
        "documents/test_extending.py::"
        "test_the_recipe_for_a_topic_brings_its_records_into_a_table_and_what_is_refused_into_quarantine"
    ),
}

NOT_RUN = {
    "make test": "it is what runs this test",
    "make test-quick": "it is a part of make test, and test_markers.py says which",
    "make fuzz": "the nightly workflow runs it, and fuzz/test_fuzz.py a share of it",
    "make audit": "it asks the registry about every package; the nightly workflow runs it",
    "make lint": ".ci/run runs it before the tests",
}


MEASUREMENT = re.compile(
    r"(?:\w+=\S+ )*\.venv/bin/python -m (?P<module>fitness_assets_tests\.benchmarks\.\w+)(?P<rest>.*)"
)
"""They take minutes to hours; what is looked at here is whether they know their options."""


def parse(words: list[str]) -> None:
    """Read a command line without doing what it says.

    Raises:
        UsageError: it is no command of ours, or has an option that the command does not know.
    """
    command: click.Command = cli
    context = command.make_context("fitness-assets", words, resilient_parsing=True)
    while isinstance(command, click.Group):
        name, *words = words
        command = command.get_command(context, name) or pytest.fail(f"There is no command {name}")
    # Below its parent: click keeps how help is asked for of the first context that a command is given.
    command.make_context(command.name, words, parent=context)


def test_every_command_is_run_by_somebody_and_none_is_named_in_vain() -> None:
    run = {*IN_ORDER, *WITH_A_BROKER, EXPORTS, LIVE, *BY_ANOTHER_TEST, *NOT_RUN}
    assert {command for command in block_commands() if not MEASUREMENT.fullmatch(command)} == run
    assert not indented_commands(), "commands belong into ```sh blocks, where they are found and run"


def test_measurements_know_the_options_that_they_are_given() -> None:
    options: dict[str, set[str]] = {}
    for found in filter(None, map(MEASUREMENT.fullmatch, block_commands())):
        options.setdefault(found["module"], set()).update(re.findall(r"--[a-z-]+", found["rest"]))
    assert options
    for module, given in options.items():
        shown = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=True)
        assert given <= set(re.findall(r"--[a-z-]+", shown.stdout)), module


@pytest.mark.parametrize("name", sorted(set(BY_ANOTHER_TEST.values())))
def test_the_tests_that_run_the_others_are_there(name: str) -> None:
    file, _, test = name.partition("::")
    tree = ast.parse((ROOT / "fitness_assets_tests" / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_what_make_starts_is_a_command_that_we_have(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    for command in ("make run", "make live", LIVE):
        shown = subprocess.run(
            [*shlex.split(command), "--dry-run"],
            cwd=checkout.folder,
            env=checkout.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        (last,) = [line for line in shown.stdout.splitlines() if "fitness-assets" in line]
        parse(shlex.split(last)[1:])


def test_commands_within_sentences_can_be_typed() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page, command in inline_commands():
        words = shlex.split(command)
        if words[0] == "make":
            assert words[1] in targets, f"{page.name}: {command}"
            continue
        try:
            parse([word for word in words[1:] if word != "…"])
        except click.UsageError as error:
            pytest.fail(f"{page.name}: {command}: {error.message}")


def test_a_newcomer_types_them_one_after_the_other(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    script = "\n".join(["set -euo pipefail", *(f"echo '$ '{shlex.quote(one)}\n{one}" for one in IN_ORDER)])
    environment = checkout.environment()
    try:
        done = subprocess.run(
            ["bash", "-c", script.replace(f"{OURS} clean\n", f"{OURS} clean <<< n || true\n")],
            cwd=checkout.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    finally:
        stop = [*shlex.split(OURS), "engine", "stop"]
        subprocess.run(stop, cwd=checkout.folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    output = dict(re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n?)*)", done.stdout, re.MULTILINE))
    assert "gold_db.workout_bpm_summary: The heart rate" in output["make run"]
    assert "All tables hold exactly what landed." in output[f"{OURS} validate"]
    assert "rows" in output[f"{OURS} run silver_db.users --full-refresh"]
    assert "The documents say what the code says." in output[f"{OURS} document"]
    assert "Nothing was removed." in output[f"{OURS} clean"]
    assert "The engine is stopped." in output[f"{OURS} engine stop"]


def test_with_a_broker_records_are_produced_and_how_far_they_are_read_is_shown(
    tmp_path: Path, empty_broker: Broker
) -> None:
    checkout = Checkout(tmp_path)
    environment = checkout.environment(KAFKA_BOOTSTRAP_SERVERS=empty_broker.address, FITNESS_KAFKA_GROUP="documents")
    produce = subprocess.Popen(
        shlex.split(PRODUCE), cwd=checkout.folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert produce.stdout is not None
    began = next((line for line in produce.stdout if "Ctrl-C to stop" in line), "")
    time.sleep(2)
    produce.send_signal(signal.SIGINT)
    output, _ = produce.communicate(timeout=60)
    assert began.startswith("100 people") and produce.returncode == 0 and "Stopped." in output
    done = subprocess.run(
        shlex.split(KAFKA), cwd=checkout.folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ +user_info/0 +0 +[1-9]", done.stdout, re.MULTILINE)


def test_the_live_stack_in_stream_mode_answers_where_it_says_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    ui, kafka = free_port(), free_port()
    live = subprocess.Popen(
        [*shlex.split(LIVE), f"PORT={ui}", f"KAFKA_PORT={kafka}"],
        cwd=checkout.folder,
        env=checkout.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert live.stdout is not None
    try:
        output = "".join(iter(live.stdout.readline, "Ctrl-C ends all of it; what is in the topics and tables stays.\n"))
        assert live.poll() is None, output
        assert f"http://127.0.0.1:{ui}" in output and "stream run" in output
        with urlopen(f"http://127.0.0.1:{ui}/server_info", timeout=10) as answer:
            assert "dagster_version" in json.load(answer)
        assert is_listening(kafka)
        shown = subprocess.run(
            ["bash", "-c", f"{EXPORTS}\n{KAFKA}"],
            cwd=checkout.folder,
            env=checkout.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert "bpm/0" in shown.stdout, shown.stderr
    finally:
        os.killpg(live.pid, signal.SIGINT)
        remaining_output, _ = live.communicate(timeout=120)
    assert "All of it is stopped" in remaining_output
    assert not is_listening(ui) and not is_listening(kafka)


def test_the_benchmarks_still_load() -> None:
    import fitness_assets_tests.benchmarks.first_view
    import fitness_assets_tests.benchmarks.latency
    import fitness_assets_tests.benchmarks.update_against_recompute

    assert (
        fitness_assets_tests.benchmarks.first_view
        and fitness_assets_tests.benchmarks.latency
        and fitness_assets_tests.benchmarks.update_against_recompute
    )
    assert len(PAGES) > 5
