"""Tables and progress: aligned lines in a pipe, more on a terminal, and no colour with `NO_COLOR`."""

import os
import pty
import re
import subprocess
import sys

PRINT_TABLE = """
from fitness_assets.cli.output import Heading, print_table
print_table([Heading("partition"), Heading("unread", is_number=True)], [["bpm/0", "1,234"], ["[user]/11", "5"]])
"""
LINES = "  partition  unread\n  bpm/0       1,234\n  [user]/11       5\n"

UPDATE = """
import time
from fitness_assets.cli.progress import TableProgress
from fitness_assets.contracts.registry import get_table
from fitness_assets.pipeline.result import UpdateResult
from fitness_assets.pipeline.scheduler import TableOutcome

users, logs = get_table("silver_db.users"), get_table("silver_db.gym_logs")
with TableProgress(2) as progress:
    progress.start(users)
    time.sleep(0.5)
    progress.finish_update(TableOutcome(users, UpdateResult("silver_db.users", "incremental", 1, 40, inserted=40)))
    progress.start(logs)
    progress.finish_update(TableOutcome(logs, error=ValueError("[it] broke")))
"""
USERS = "  silver_db.users                 +40                                    40 rows     0.0 s\n"
LOGS = "  silver_db.gym_logs              FAILED: ValueError: [it] broke\n"

STYLE = re.compile(r"\x1b\[[\d;]*m")
ERASED = "\x1b[1A\x1b[2K"
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def on_terminal(code: str, **variables: str) -> str:
    """What a script writes to a terminal."""
    master, slave = pty.openpty()
    inherited = {name: text for name, text in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    environment = {**inherited, "TERM": "xterm-256color", "COLUMNS": "120", **variables}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=slave, env=environment)
    os.close(slave)
    written = b""
    try:
        while part := os.read(master, 4096):
            written += part
    except OSError:  # how Linux tells that nobody has the other end any more
        pass
    finally:
        os.close(master)
    assert process.wait(30) == 0
    return written.decode().replace("\r\n", "\n")


def in_pipe(code: str) -> str:
    environment = {**os.environ, "FORCE_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    ).stdout


def test_in_a_pipe_a_table_is_aligned_lines() -> None:
    assert in_pipe(PRINT_TABLE) == LINES


def test_on_a_terminal_a_table_has_a_head_that_stands_out() -> None:
    written = on_terminal(PRINT_TABLE)
    assert STYLE.search(written)
    assert re.search(r"^  bpm/0 +1,234 *\n  \[user\]/11 +5 *$", STYLE.sub("", written), re.MULTILINE)


def test_with_no_color_a_terminal_gets_a_table_without_any_style() -> None:
    written = on_terminal(PRINT_TABLE, NO_COLOR="1")
    assert "\x1b" not in written
    assert re.search(r"^  bpm/0 +1,234 *\n  \[user\]/11 +5 *$", written, re.MULTILINE)


def test_on_a_terminal_that_is_too_narrow_no_cell_is_broken() -> None:
    assert on_terminal(PRINT_TABLE, COLUMNS="15") == LINES


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    assert on_terminal(PRINT_TABLE, TERM="dumb") == LINES
    assert on_terminal(UPDATE, TERM="dumb") == USERS + LOGS


def test_in_a_pipe_an_update_is_a_line_for_each_table() -> None:
    assert in_pipe(UPDATE) == USERS + LOGS


def test_on_a_terminal_a_bar_says_what_is_worked_on_and_is_gone_at_the_end() -> None:
    written = on_terminal(UPDATE)
    assert "users 0 s" in CONTROL.sub("", written) and "0/2" in written
    assert USERS in STYLE.sub("", written) and LOGS in STYLE.sub("", written)
    assert "\x1b[32m  silver_db.users" in written and "\x1b[31m  silver_db.gym_logs" in written
    assert written.endswith(ERASED)


def test_with_no_color_a_bar_has_no_style() -> None:
    written = on_terminal(UPDATE, NO_COLOR="1")
    assert not STYLE.search(written)
    assert USERS in written and LOGS in written
