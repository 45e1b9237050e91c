"""The program itself: help, wrong use, failures, Ctrl-C, and a pipe that is closed."""

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from fitness_assets.cli.main import STOPPED, cli, main
from fitness_assets.docgen import pages

PROGRAM = [sys.executable, "-m", "fitness_assets.cli.main"]
HEAVY = ("pyspark", "dagster", "dash", "deltalake", "duckdb", "pandas", "databricks", "rich", "pydantic")


def commands(group: click.Group = cli, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, those of groups among them."""
    yield before
    for name, command in group.commands.items():
        words = (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_and_option_says_what_it_does(words: tuple[str, ...]) -> None:
    command: click.Command = cli
    for name in words:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    for flag in ("--help", "-h"):
        done = CliRunner().invoke(cli, [*words, flag])
        assert done.exit_code == 0 and done.output.startswith("Usage: ")
    assert command.help
    assert not words or not command.get_short_help_str(limit=65).endswith("..."), "its line in the list is cut off"
    assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


def test_help_needs_neither_an_engine_nor_dagster() -> None:
    code = f"import sys, fitness_assets.cli.main; print(*[name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("fly", "No such command 'fly'"),
        ("run --fast", "No such option"),
        ("engine restart", "No such command 'restart'"),
        ("governance plan --env staging", "'staging' is not one of 'dev', 'qa', 'prod'"),
        ("dashboard --port high", "'high' is not a valid integer"),
        ("produce", "Missing option '--to'"),
        ("produce --to files --late 2", "'--late': 2 is not a share between 0 and 1"),
        ("produce --to files --late nan", "'--late': nan is not a share between 0 and 1"),
        ("produce --to files --rate 0", "'--rate': 0 is not a number above 0"),
        ("produce --to files --seconds inf", "'--seconds': inf is not a number above 0"),
        ("produce --to files --minutes 5-1", "'--minutes': 5-1 begins with the longer time"),
        ("produce --to files --minutes 1-x", "'--minutes': x is not a number above 0"),
        ("produce --to files --start noon", "'--start': noon is not a time such as 2026-01-31T12:00:00Z"),
        ("produce --to files --people 0", "0 is not in the range x>=1"),
        ("produce --to files --rate 5 --speed 2", "--rate and --speed exclude each other"),
    ],
)
def test_wrong_use_is_told_and_ends_with_2(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    out, err = capsys.readouterr()
    assert message in err and err.startswith("Usage: fitness-assets") and out == ""


def test_without_a_command_the_help_is_shown_and_it_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_ctrl_c_says_that_nothing_is_lost(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(checkout: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pages, "write_pages", interrupted)
    assert main(["document"]) == 130
    assert capsys.readouterr() == ("", f"{STOPPED}\n")


@pytest.mark.parametrize("words", [["--help"], ["governance", "matrix"]])
def test_a_pipe_that_is_closed_ends_a_command_without_a_trace(words: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    try:
        done = subprocess.run(
            [*PROGRAM, *words], stdout=write_end, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    finally:
        os.close(write_end)
    assert done.returncode == 1 and done.stderr == ""


def test_the_plain_package_says_what_the_command_line_comes_with() -> None:
    code = "import sys; sys.modules['click'] = None; from fitness_assets.cli.program import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "fitness_assets[platform]" in done.stderr and "Traceback" not in done.stderr


def test_what_is_installed_starts_the_command_line() -> None:
    code = "import sys; from fitness_assets.cli.program import main; sys.argv[1:] = ['--help']; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "governance" in done.stdout
