"""The shape of the dashboard: imports run from pages over components and queries to the table reader, never back."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import fitness_assets.dashboard
import fitness_assets_tests.dashboard

PACKAGES = (fitness_assets.dashboard, fitness_assets_tests.dashboard)
LAYERS = (
    "page_url",
    "table_reader",
    "queries",
    "components",
    "pages",
    "downloads",
    "metrics",
    "rendering",
    "layout",
    "callbacks",
    "preload",
    "security_headers",
    "app",
    "server",
)
"""From the lowest to the highest; each may import itself and what is below it."""


def imports_of(package_path: Path, package_name: str) -> dict[str, set[str]]:
    """The modules that each module of a package imports."""
    imports: dict[str, set[str]] = {}
    for file in package_path.rglob("*.py"):
        parts = file.relative_to(package_path).with_suffix("").parts
        module = ".".join([package_name, *(part for part in parts if part != "__init__")])
        names: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        imports[module] = names
    return imports


def dashboard_imports() -> dict[str, set[str]]:
    package = fitness_assets.dashboard
    return imports_of(Path(str(package.__file__)).parent, package.__name__)


def layer_of(module: str) -> str:
    return module.removeprefix("fitness_assets.dashboard.").split(".")[0]


def test_each_layer_imports_only_itself_and_what_is_below_it() -> None:
    for module, names in dashboard_imports().items():
        if module != fitness_assets.dashboard.__name__:
            imported = {layer_of(name) for name in names if name.startswith("fitness_assets.dashboard.")}
            assert imported <= set(LAYERS[: LAYERS.index(layer_of(module)) + 1]), module


def test_only_the_table_reader_knows_the_lakehouse() -> None:
    for module, names in dashboard_imports().items():
        if layer_of(module) != "table_reader":
            assert not [name for name in names if name.startswith("fitness_assets.lakehouse")], module


def test_no_imports_run_in_a_circle() -> None:
    for package in PACKAGES:
        imports = imports_of(Path(str(package.__file__)).parent, package.__name__)
        graph = {module: (names & set(imports)) - {module} for module, names in imports.items()}
        TopologicalSorter(graph).prepare()
