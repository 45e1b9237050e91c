"""Dagster's web UI as `make ui` starts it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pyspark.sql import SparkSession

from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets.sample.history import SampleSize
from fitness_assets.sample.landing_files import write_sample
from fitness_assets_tests.checkout import ROOT, Checkout

PICTURES = ROOT / "docs" / "images"
_START_SECONDS = 120


@dataclass(frozen=True)
class WebUi:
    """Dagster's web UI, on sample data that has landed and is in no table yet."""

    url: str
    checkout: Checkout


@pytest.fixture(scope="module")
def web_ui(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, connect_port: int) -> Iterator[WebUi]:
    checkout = Checkout(tmp_path_factory.mktemp("web_ui"))
    write_sample(checkout.base / "data_zone" / "raw", SampleSize(users=20, days=2, files=1, reading_interval=120))
    port = free_port()
    log = checkout.folder / "web_ui.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            ["make", "ui", f"PORT={port}"],
            cwd=checkout.folder,
            env=checkout.environment(SPARK_REMOTE=f"sc://127.0.0.1:{connect_port}"),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not is_listening(port):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.5)
        yield WebUi(f"http://127.0.0.1:{port}", checkout)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert not is_listening(port)


def take_picture(page: Any, name: str, **options: Any) -> None:
    """Write a picture for the documents, where `FITNESS_WRITE_PICTURES=1` asks for it."""
    if os.environ.get("FITNESS_WRITE_PICTURES") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=str(PICTURES / name), **options)
