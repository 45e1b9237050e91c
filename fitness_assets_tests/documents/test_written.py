"""The documents say what the code says, and their links lead somewhere."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import fitness_assets
from fitness_assets.contracts.registry import all_tables
from fitness_assets.definitions import defs
from fitness_assets.docgen.pages import render_pages, write_pages
from fitness_assets.errors import FitnessError
from fitness_assets.pipeline.quality.checks import check_descriptions
from fitness_assets.pipeline.quality.runbook import REMEDIES
from fitness_assets_tests.checkout import ROOT, Checkout

DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def errors(root: type[FitnessError] = FitnessError) -> set[str]:
    return {root.__name__}.union(*(errors(kind) for kind in root.__subclasses__()))


def test_what_follows_from_the_code_is_as_the_code_has_it() -> None:
    for file, text in render_pages(ROOT).items():
        assert file.read_text(encoding="utf-8") == text, f"{file} is old: run `fitness-assets document`"


def test_a_document_that_is_old_is_written_and_the_next_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path).folder
    tables, readme = checkout / "docs" / "tables.md", checkout / "README.md"
    tables.write_text("old", encoding="utf-8")
    readme.write_text(re.sub(r"\| `FITNESS_BASE_DIR`.*\n", "", readme.read_text(encoding="utf-8")), encoding="utf-8")
    assert write_pages(checkout) == [tables, readme]
    assert write_pages(checkout) == []


def test_the_page_of_the_tables_has_every_column_of_every_table() -> None:
    page = read("tables.md")
    for table in all_tables().values():
        section = page.split(f"### {table.full_name}\n")[1].split("\n### ")[0]
        assert [name for name in table.column_names if f"| `{name}` |" not in section] == []


def test_operations_says_what_to_do_about_every_check() -> None:
    page = read("operations.md")
    checks = {name for table in all_tables().values() for name in check_descriptions(table)}
    assert checks == set(REMEDIES)
    assert [name for name in checks if f"`{name}`" not in page] == []


def test_operations_says_what_to_do_about_every_error() -> None:
    for module in walk_packages(fitness_assets.__path__, "fitness_assets."):
        import_module(module.name)
    page = read("operations.md")
    ours = {name for name in errors() if f"`{name}`" not in page}
    assert not ours


def test_operations_names_all_that_runs_by_itself() -> None:
    page = read("operations.md")
    repository = defs().get_repository_def()
    names = [one.name for one in (*repository.sensor_defs, *repository.schedule_defs)]
    names += [name for name in repository.job_names if not name.startswith("__")]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_architecture_names_every_folder_of_the_code_and_no_other() -> None:
    listed = re.search(r"## The code\n\n((?: {4}.*\n)+)", read("architecture.md"))
    assert listed
    there = {folder.name for folder in (ROOT / "fitness_assets").iterdir() if (folder / "__init__.py").exists()}
    assert set(re.findall(r"^ {4}(\w+) ", listed[1], re.MULTILINE)) == there


def test_links_lead_to_files_and_headings_that_are_there() -> None:
    for file in (ROOT / "README.md", *DOCS.glob("*.md")):
        text = file.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            if "://" in target:
                continue
            name, _, heading = target.partition("#")
            to = (file.parent / name) if name else file
            assert to.exists(), f"{file.name} links to {target}"
            if heading:
                found = re.findall(r"^#+ (.*)$", to.read_text(encoding="utf-8"), re.MULTILINE)
                assert heading in {_anchor(one) for one in found}, f"{file.name} links to {target}"


def test_every_notebook_of_the_original_is_mapped_to_files_and_commands_that_exist() -> None:
    page = read("notebooks.md")
    assert re.findall(r"^\| (\d\d)-", page, re.MULTILINE) == [f"{number:02}" for number in range(1, 11)]
    for path in re.findall(r"`(fitness_assets(?:_tests)?/[^`]+)`", page):
        assert (ROOT / path).exists(), path


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
