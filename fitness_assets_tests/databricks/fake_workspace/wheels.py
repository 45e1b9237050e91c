"""A wheel made by hand, so that a test of the workspace needs no build tool."""

import zipfile
from collections.abc import Sequence
from pathlib import Path


def build_wheel(
    folder: Path,
    package: str,
    code: str,
    entry_point: str = "main",
    version: str = "1.0",
    requires: Sequence[str] = (),
) -> Path:
    """Writes `<package>-<version>-py3-none-any.whl` with one module.

    Args:
        folder: Where to put it.
        package: Name of the package and of its one module.
        code: The module's source; it has a function `main`.
        entry_point: Console script that calls `main`.
        version: Of the package.
        requires: What pip is to find beside it.

    Returns:
        The wheel file.
    """
    dist_info = f"{package}-{version}.dist-info"
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    files = {
        f"{package}/__init__.py": code,
        f"{dist_info}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n{needs}",
        f"{dist_info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{dist_info}/entry_points.txt": f"[console_scripts]\n{entry_point} = {package}:main\n",
    }
    files[f"{dist_info}/RECORD"] = "".join(f"{name},,\n" for name in (*files, f"{dist_info}/RECORD"))
    wheel = folder / f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return wheel
