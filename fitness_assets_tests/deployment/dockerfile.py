"""A Dockerfile as its instructions, and those of them that need no Docker, done in a folder."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        name: in capitals, such as `RUN`.
        text: what follows it.
    """

    name: str
    text: str


def read_dockerfile(file: Path) -> list[Instruction]:
    """The instructions in their order."""
    text = re.sub(r"\\\n\s*", "", file.read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Instruction(*line.split(" ", 1)) for line in lines]


def variables_of(instructions: list[Instruction]) -> dict[str, str]:
    """What the image sets in the environment of whatever runs in it."""
    return dict(instruction.text.split("=", 1) for instruction in instructions if instruction.name == "ENV")


class ImageFolder:
    """The file system of an image, as a folder, as far as instructions have made it.

    Args:
        root: stands for `/`.
        context: what the image is built from.
        environment: of the commands that run.
    """

    def __init__(self, root: Path, context: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._context = context
        self._environment = environment
        self.folder = root

    def place_of(self, path: str) -> Path:
        """Where something of the image is here."""
        return self._root / path.lstrip("/") if path.startswith("/") else self.folder / path

    def do(self, instruction: Instruction) -> None:
        """Do what an instruction says. `FROM` and `ENV` are the business of whoever made the environment."""
        match instruction.name:
            case "WORKDIR":
                self.folder = self.place_of(instruction.text)
                self.folder.mkdir(parents=True)
            case "COPY":
                *sources, target = instruction.text.split()
                for name in sources:
                    self._copy(self._context / name, self.place_of(target))
            case "RUN":
                process = subprocess.run(
                    ["/bin/sh", "-c", instruction.text],
                    cwd=self.folder,
                    env={**os.environ, **self._environment},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert process.returncode == 0, f"{instruction.text}: {process.stdout}{process.stderr}"

    def _copy(self, source: Path, target: Path) -> None:
        """As `COPY` has it: a folder's content goes into the target, a file under its name."""
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
