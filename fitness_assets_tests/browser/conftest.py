"""Dagster's web UI as `make ui` starts it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from fitness_assets.live.ports import answers, free_port
from fitness_assets.sample.landing import SampleSize, write
from fitness_assets_tests.checkout import ROOT, Checkout

PICTURES = ROOT / "docs" / "images"
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Ui:
    """Where `make ui` serves, on sample data that has landed and is in no table yet."""

    address: str
    checkout: Checkout


@pytest.fixture(scope="module")
def ui(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, connect_port: int) -> Iterator[Ui]:
    checkout = Checkout(tmp_path_factory.mktemp("ui"))
    write(checkout.base / "data_zone" / "raw", SampleSize(users=20, days=2, files=1, every=120))
    port = free_port()
    log = checkout.folder / "ui.log"
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
        until = time.monotonic() + _PATIENCE_SECONDS
        while not answers(port):
            assert process.poll() is None and time.monotonic() < until, log.read_text(encoding="utf-8")
            time.sleep(0.5)
        yield Ui(f"http://127.0.0.1:{port}", checkout)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert not answers(port)


def picture(page: Any, name: str, **options: Any) -> None:
    """Write a picture of the documents, where `FITNESS_WRITE_PICTURES=1` asks for it."""
    if os.environ.get("FITNESS_WRITE_PICTURES") == "1":
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=str(Path(PICTURES / name)), **options)
