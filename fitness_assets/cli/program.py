"""What `fitness-assets` starts: the command line, or a word on what it lacks.

The plain package is what a cluster installs, which has no use for a command line.
"""

import sys
from importlib.util import find_spec


def main() -> int:
    """Run the command line; the exit code."""
    if find_spec("click") is None:
        print(
            "fitness-assets: only the plain package is installed, as on a cluster. The command line comes with "
            "`pip install 'fitness_assets[platform]'`, or with `make install` in a checkout.",
            file=sys.stderr,
        )
        return 1
    from fitness_assets.cli.main import main as run

    return run()
