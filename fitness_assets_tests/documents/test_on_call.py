"""The operator's page: each alert and each page of the runbook has a drill, and each drill is a test that is there."""

import ast
import re

from fitness_assets.alerts import RULES
from fitness_assets_tests.checkout import ROOT

PAGE = (ROOT / "docs/on-call.md").read_text(encoding="utf-8")
DRILLS = dict(re.findall(r"^\| `?([\w ]+?)`? \| `([\w/.]+\.py(?:::\w+)?)` \|$", PAGE, re.MULTILINE))


def test_every_alert_has_a_drill() -> None:
    assert set(RULES) <= set(DRILLS)


def test_every_page_of_the_runbook_has_a_drill() -> None:
    runbook = PAGE.partition("## Runbook")[2].partition("## Drills")[0]
    pages = re.findall(r"^\*\*(.*?)\.?,?\*\*", runbook, re.MULTILINE)
    assert len(pages) == len(set(DRILLS) - set(RULES)) == 7


def test_every_drill_is_a_test() -> None:
    for drill in DRILLS.values():
        file, _, name = drill.partition("::")
        tree = ast.parse((ROOT / "fitness_assets_tests" / file).read_text(encoding="utf-8"))
        tests = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not name or name in tests, drill
