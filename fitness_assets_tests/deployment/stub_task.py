"""A program in the place of our wheel: it prints of each table what the remote entry point prints."""

import sys
from pathlib import Path

CODE = """
import sys, time
parameters = dict(word.removeprefix("--").split("=", 1) for word in sys.argv[1:])
mode, catalog, environment = parameters["mode"], parameters["catalog"], parameters["env"]
assert catalog == environment, parameters
assert mode == "stream" or parameters["sample"] == str(environment == "qa").lower(), parameters
print("starting", mode, flush=True)
if mode == "stream":
    print("Interval 1:", parameters["seconds"], "s", flush=True)
    sys.exit({stream_exit_code})
for table in {tables!r}:
    print(f"PASS {{table}} 7 rows in {{catalog}}", flush=True)
{last_statement}
"""


def stub_task(folder: Path, tables: list[str], last_statement: str = "", stream_exit_code: int = 0) -> list[str]:
    """The command of a task.

    Args:
        tables: those that pass.
        last_statement: what the batch test does after it has printed them.
    """
    script = folder / "task.py"
    code = CODE.format(tables=tables, last_statement=last_statement, stream_exit_code=stream_exit_code)
    script.write_text(code, encoding="utf-8")
    return [sys.executable, str(script)]
