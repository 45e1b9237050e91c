"""Another user of this machine, as whom only root can act."""

import os
import subprocess
import sys
from pathlib import Path

OTHER_USER: int | None = 65534 if os.getuid() == 0 else None
"""Nobody's number; None where we are not root and cannot be somebody else."""

_GET = """
import sys, urllib.error, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=30).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""


def other_users_python() -> str:
    """A Python that somebody else may start; that of the tests may lie where nobody else can look."""
    usual = Path("/usr/bin/python3")
    return str(usual if usual.exists() else Path(sys.executable).resolve())


def get_as_other_user(url: str) -> int:
    """The status with which a server answers somebody else on this machine."""
    assert OTHER_USER is not None
    done = subprocess.run(
        [other_users_python(), "-c", _GET, url], user=OTHER_USER, group=OTHER_USER, stdout=subprocess.PIPE, check=True
    )
    return int(done.stdout)
