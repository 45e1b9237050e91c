"""Odd records by the hundred thousand.

    .venv/bin/python -m fitness_assets_tests.fuzz --records 100000

Ends with 1 where one was lost, doubled or misread; its seed gives the same file again.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from fitness_assets_tests.fuzz.landing import Fault, fuzz_file

_RECORDS_A_FILE = 800


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the first seed; each file has its own")
    chosen = parser.parse_args()
    seed, total, faults, began = chosen.seed, Counter[str](), 0, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        while total.total() < chosen.records:
            try:
                total += fuzz_file(seed, Path(folder), _RECORDS_A_FILE)
            except Fault as fault:
                faults += 1
                print(fault, flush=True)
            seed += 1
            if (seed - chosen.seed) % 100 == 0:
                print(f"{total.total():>9,} records in {seed - chosen.seed:,} files, {faults} faults", flush=True)
    print(f"{total.total():,} records from seed {chosen.seed} on, {time.monotonic() - began:.0f} s, {faults} faults:")
    for reason, records in total.most_common():
        print(f"  {reason:<28} {records:>9,}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
