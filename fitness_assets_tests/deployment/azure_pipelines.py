"""Azure Pipelines as far as our pipelines need it: templates, `${{ parameters }}`, `$(variables)` and `bash` steps."""

import re
import subprocess
from pathlib import Path
from typing import Any

import yaml


class PipelineAgent:
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
        for name in ("staging", "results", "workspace"):
            (folder / name).mkdir(parents=True)

    def run(self, step: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        variables = {name.upper().replace(".", "_"): self.expand(value) for name, value in self.variables.items()}
        step_variables = {name: self.expand(value) for name, value in step.get("env", {}).items()}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", self.expand(step["bash"])],
            env={**self._environment, **variables, **step_variables},
            cwd=self.checkout,
            capture_output=True,
            text=True,
            check=False,
        )

    def expand(self, text: str) -> str:
        values = {name.lower(): value for name, value in {**self.variables, **self.secrets}.items()}
        while (expanded := re.sub(r"\$\(([\w.]+)\)", lambda m: values.get(m[1].lower(), m[0]), text)) != text:
            text = expanded
        return text


def load_pipeline(file: Path) -> Any:
    """A pipeline as the service's schema has it: every scalar a string but the inputs of a task."""
    text = file.read_text(encoding="utf-8")
    return _typed_inputs(yaml.load(text, yaml.BaseLoader), yaml.safe_load(text))


def load_expanded(file: Path, **parameters: str) -> Any:
    """A pipeline with its templates in their places, and the parameters that are given or else their defaults."""
    pipeline = load_pipeline(file)
    defaults = {parameter["name"]: parameter.get("default", "") for parameter in pipeline.pop("parameters", [])}
    return _expanded(pipeline, defaults | parameters, file.parent)


def script_steps(part: Any) -> list[dict[str, Any]]:
    """Every step with a script, in order."""
    if isinstance(part, dict):
        return [part] if "bash" in part else [step for value in part.values() for step in script_steps(value)]
    return [step for value in part for step in script_steps(value)] if isinstance(part, list) else []


def _typed_inputs(texts: Any, typed: Any) -> Any:
    if isinstance(texts, dict):
        return {key: typed[key] if key == "inputs" else _typed_inputs(texts[key], typed[key]) for key in texts}
    if isinstance(texts, list):
        return [_typed_inputs(text, value) for text, value in zip(texts, typed, strict=True)]
    return texts


def _expanded(part: Any, values: dict[str, str], folder: Path) -> Any:
    if isinstance(part, dict):
        return {key: _expanded(value, values, folder) for key, value in part.items()}
    if isinstance(part, list):
        return [step for entry in part for step in _template_steps(_expanded(entry, values, folder), folder)]
    if isinstance(part, str):
        return re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda m: values[m[1]], part)
    return part


def _template_steps(step: Any, folder: Path) -> list[Any]:
    if not isinstance(step, dict) or "template" not in step:
        return [step]
    file = folder / step["template"]
    template = load_pipeline(file)
    declared, values = {parameter["name"] for parameter in template["parameters"]}, step["parameters"]
    assert declared == set(values), f"{step['template']} declares {declared} and is given {set(values)}."
    return _expanded(template["steps"], values, file.parent)  # type: ignore[no-any-return]
