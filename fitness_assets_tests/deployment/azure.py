"""Azure Pipelines as far as our pipelines need it: templates, `${{ parameters }}`, `$(variables)` and `bash` steps."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml


class Agent:
    """A machine that runs the scripts of a pipeline as Azure's does, each as it stands in the file.

    Variables are put in the place of `$(name)`, also within each other; what has no value stays as it is. All but
    the secret ones are in the environment too, under their names in capitals. A script runs in a plain bash without
    `-e`, and a step fails by the script's exit code.
    """

    def __init__(self, folder: Path, checkout: Path, environment: dict[str, str]) -> None:
        self.checkout = checkout
        self._environment = environment
        self.variables = {
            "Agent.OS": "Linux",
            "Build.ArtifactStagingDirectory": str(folder / "staging"),
            "Common.TestResultsDirectory": str(folder / "results"),
            "Pipeline.Workspace": str(folder / "workspace"),
        }
        self.secrets: dict[str, str] = {}
        for made in ("staging", "results", "workspace"):
            (folder / made).mkdir(parents=True)

    def run(self, step: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        environment = {name.upper().replace(".", "_"): self.expand(value) for name, value in self.variables.items()}
        named = {name: self.expand(value) for name, value in step.get("env", {}).items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", self.expand(step["bash"])],
            env={**self._environment, **environment, **named},
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
        )

    def expand(self, text: str) -> str:
        known = {name.lower(): value for name, value in {**self.variables, **self.secrets}.items()}
        while (more := re.sub(r"\$\(([\w.]+)\)", lambda m: known.get(m[1].lower(), m[0]), text)) != text:
            text = more
        return text


def load(file: Path) -> Any:
    """A pipeline as the service's schema has it: every scalar a string but the inputs of a task."""
    text = file.read_text(encoding="utf-8")
    return _typed_inputs(yaml.load(text, yaml.BaseLoader), yaml.safe_load(text))


def whole(file: Path, **parameters: str) -> Any:
    """A pipeline with its templates in their places, and the parameters that are given or else their defaults."""
    pipeline = load(file)
    values = {one["name"]: one.get("default", "") for one in pipeline.pop("parameters", [])} | parameters
    return _filled(pipeline, values, file.parent)


def scripts(part: Any) -> list[dict[str, Any]]:
    """Every step with a script, in order."""
    if isinstance(part, dict):
        return [part] if "bash" in part else [step for value in part.values() for step in scripts(value)]
    return [step for value in part for step in scripts(value)] if isinstance(part, list) else []


def _typed_inputs(texts: Any, typed: Any) -> Any:
    if isinstance(texts, dict):
        return {key: typed[key] if key == "inputs" else _typed_inputs(texts[key], typed[key]) for key in texts}
    if isinstance(texts, list):
        return [_typed_inputs(one, other) for one, other in zip(texts, typed, strict=True)]
    return texts


def _filled(part: Any, values: dict[str, str], folder: Path) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, values, folder) for key, value in part.items()}
    if isinstance(part, list):
        return [filled for one in part for filled in _with_template(_filled(one, values, folder), folder)]
    if isinstance(part, str):
        return re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda m: values[m[1]], part)
    return part


def _with_template(step: Any, folder: Path) -> list[Any]:
    if not isinstance(step, dict) or "template" not in step:
        return [step]
    file = folder / step["template"]
    template = load(file)
    declared, given = {one["name"] for one in template["parameters"]}, step["parameters"]
    assert declared == set(given), f"{step['template']} declares {declared} and is given {set(given)}."
    return _filled(template["steps"], given, file.parent)  # type: ignore[no-any-return]
