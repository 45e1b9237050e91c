"""Where the browser of the tests is."""

import os
import shutil


def chromium_path() -> str | None:
    """`FITNESS_CHROMIUM`, or the one on the path; None without any."""
    return os.environ.get("FITNESS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
