"""How long the dashboard's first view takes in a real browser.

    FITNESS_BASE_DIR=... .venv/bin/python -m fitness_assets_tests.benchmarks.first_view --page / --page /gyms

`new`: a browser that was never used, with an empty profile. `again`: the same profile in a new process of the browser.
Milliseconds from the begin of the navigation, medians, by the browser's own clock: until the page's numbers and tables
are there (`text`), and until all its charts are drawn, too (`whole`). No debugger is attached: with one, what Plotly
does costs nearly half a second more.
"""

import argparse
import json
import os
import queue
import statistics
import subprocess
import tempfile
from pathlib import Path

from dash import Dash
from flask import Response, request

from fitness_assets.dashboard.app import make_app
from fitness_assets.settings import Settings
from fitness_assets_tests.chromium import chromium_path
from fitness_assets_tests.dashboard.browser import serve_app

TIMEOUT_SECONDS = 60
_MEASURE = """
(() => {
  const milliseconds = {};
  const check = () => {
    const charts = [...document.querySelectorAll("#body .dash-graph")];
    const text = document.querySelector("#head h1") && document.querySelector("#body .card");
    if (text && !milliseconds.text) milliseconds.text = performance.now();
    if (!text || !charts.every((chart) => chart.querySelector(".main-svg"))) return requestAnimationFrame(check);
    requestAnimationFrame(() => setTimeout(() => {  // once it is on the screen
      milliseconds.whole = performance.now();
      navigator.sendBeacon("/first-view", JSON.stringify(milliseconds));
    }));
  };
  requestAnimationFrame(check);
})();
"""
Timing = dict[str, float]
"""Milliseconds by what was there: `text` and `whole`."""


def add_measurement(app: Dash) -> "queue.Queue[Timing]":
    """Let the pages of the app send when their first view was there."""
    timings: queue.Queue[Timing] = queue.Queue()
    app.index_string = app.index_string.replace("{%css%}", '<script src="/measure.js"></script>{%css%}')

    @app.server.get("/measure.js")
    def script() -> Response:
        return Response(_MEASURE, mimetype="text/javascript")

    @app.server.post("/first-view")
    def receive() -> str:
        timings.put(json.loads(request.get_data()))
        return ""

    return timings


def open_browser(chromium: str, url: str, profile: Path, timings: "queue.Queue[Timing]") -> Timing:
    """Open a URL in a browser's process of its own."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    options += ["--disable-component-update", "--remote-debugging-port=0", "--window-size=1280,860"]
    command = [chromium, *options, f"--user-data-dir={profile}", url]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return timings.get(timeout=TIMEOUT_SECONDS)
    finally:
        browser.terminate()
        browser.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="append", help="a path such as /gyms?gym=3 (default: / and /gyms)")
    parser.add_argument("--times", type=int, default=7)
    arguments = parser.parse_args()
    chromium = chromium_path()
    if not chromium:
        raise SystemExit("There is no Chromium: apt-get install chromium, or set FITNESS_CHROMIUM.")
    app = make_app(Settings.from_env())
    timings = add_measurement(app)
    with serve_app(app) as site:
        print(f"milliseconds, medians of {arguments.times}; load {os.getloadavg()[0]:.1f}")
        print(f"{'page':<20} {'new: text':>10} {'whole':>7} {'(slowest)':>10} {'again: text':>12} {'whole':>7}")
        for page in arguments.page or ["/", "/gyms"]:
            new: list[Timing] = []
            again: list[Timing] = []
            for run in range(arguments.times + 1):
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                    first, second = (open_browser(chromium, site + page, Path(profile), timings) for _ in range(2))
                if run:  # the first one finds the server as new as the browser
                    new, again = [*new, first], [*again, second]
            text, whole = medians(new)
            slowest = max(timing["whole"] for timing in new)
            print(f"{page:<20} {text:>10.0f} {whole:>7.0f} {slowest:>10.0f}", end=" ")
            print("{:>12.0f} {:>7.0f}".format(*medians(again)), flush=True)
        print(f"load {os.getloadavg()[0]:.1f}")


def medians(timings: list[Timing]) -> tuple[float, float]:
    return (
        statistics.median(timing["text"] for timing in timings),
        statistics.median(timing["whole"] for timing in timings),
    )


if __name__ == "__main__":
    main()
