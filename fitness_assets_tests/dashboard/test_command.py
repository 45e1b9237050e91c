"""`fitness-assets dashboard` as a person uses it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from fitness_assets.live.processes.ports import free_port, is_listening
from fitness_assets_tests.other_user import OTHER_USER, get_as_other_user
from fitness_assets_tests.waiting import wait_until


def start_dashboard(base: Path, port: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-u", "-m", "fitness_assets.cli.main", "dashboard", "--port", str(port)]
    environment = os.environ | {"FITNESS_BASE_DIR": str(base)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_it_says_its_address_answers_and_ends_when_told_to(tmp_path: Path) -> None:
    port = free_port()
    process = start_dashboard(tmp_path, port)
    assert process.stdout is not None and f"http://127.0.0.1:{port}" in process.stdout.readline()
    wait_until(lambda: is_listening(port), 60)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
        assert response.status == 200 and "waitress" not in str(response.headers).lower()
    if OTHER_USER is not None:
        assert get_as_other_user(f"http://127.0.0.1:{port}/") == 403
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and "Traceback" not in output
    assert not is_listening(port)


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = start_dashboard(tmp_path, other.getsockname()[1])
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "is taken" in output and "Traceback" not in output
