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
from fitness_assets_tests.dashboard.browser import serving_app

PATIENCE_SECONDS = 60
_WATCH = """
(() => {
  const seen = {};
  const look = () => {
    const charts = [...document.querySelectorAll("#body .dash-graph")];
    const text = document.querySelector("#head h1") && document.querySelector("#body .card");
    if (text && !seen.text) seen.text = performance.now();
    if (!text || !charts.every((one) => one.querySelector(".main-svg"))) return requestAnimationFrame(look);
    requestAnimationFrame(() => setTimeout(() => {  // once it is on the screen
      seen.whole = performance.now();
      navigator.sendBeacon("/seen", JSON.stringify(seen));
    }));
  };
  requestAnimationFrame(look);
})();
"""
Seen = dict[str, float]


def watched(app: Dash) -> "queue.Queue[Seen]":
    """The app whose pages say when they were seen."""
    heard: queue.Queue[Seen] = queue.Queue()
    app.index_string = app.index_string.replace("{%css%}", '<script src="/watch.js"></script>{%css%}')

    @app.server.get("/watch.js")
    def watch() -> Response:
        return Response(_WATCH, mimetype="text/javascript")

    @app.server.post("/seen")
    def seen() -> str:
        heard.put(json.loads(request.get_data()))
        return ""

    return heard


def visit(chromium: str, address: str, profile: Path, heard: "queue.Queue[Seen]") -> Seen:
    """Open an address in a browser's process of its own."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    options += ["--disable-component-update", "--remote-debugging-port=0", "--window-size=1280,860"]
    command = [chromium, *options, f"--user-data-dir={profile}", address]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return heard.get(timeout=PATIENCE_SECONDS)
    finally:
        browser.terminate()
        browser.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--page", action="append", help="an address such as /gyms?gym=3 (default: / and /gyms)")
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    chromium = chromium_path()
    if not chromium:
        raise SystemExit("There is no Chromium: apt-get install chromium, or set FITNESS_CHROMIUM.")
    app = make_app(Settings.from_env())
    heard = watched(app)
    with serving_app(app) as site:
        print(f"milliseconds, medians of {given.times}; load {os.getloadavg()[0]:.1f}")
        print(f"{'page':<20} {'new: text':>10} {'whole':>7} {'(slowest)':>10} {'again: text':>12} {'whole':>7}")
        for page in given.page or ["/", "/gyms"]:
            new: list[Seen] = []
            again: list[Seen] = []
            for turn in range(given.times + 1):
                with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                    took = [visit(chromium, site + page, Path(profile), heard) for _ in range(2)]
                if turn:  # the first one finds the server as new as the browser
                    new, again = [*new, took[0]], [*again, took[1]]
            text, whole = median(new)
            slowest = max(one["whole"] for one in new)
            print(f"{page:<20} {text:>10.0f} {whole:>7.0f} {slowest:>10.0f}", end=" ")
            print("{:>12.0f} {:>7.0f}".format(*median(again)), flush=True)
        print(f"load {os.getloadavg()[0]:.1f}")


def median(seen: list[Seen]) -> tuple[float, float]:
    return statistics.median(one["text"] for one in seen), statistics.median(one["whole"] for one in seen)


if __name__ == "__main__":
    main()
