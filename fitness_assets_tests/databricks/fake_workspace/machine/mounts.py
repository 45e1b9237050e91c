"""How a task sees `/Volumes` and `/dbfs`, which no test may create on the machine it runs on.

Where the kernel allows it, a task gets a mount namespace of its own: a root folder which is this machine's with the
workspace's folders at `/Volumes` and `/dbfs`. Nobody else sees them, no right is needed, any number of workspaces run
side by side, and a JVM or a Python worker under the task sees them as well. Nothing that is passed is touched.

Elsewhere (a container which forbids namespaces, macOS) every path under `/Volumes/` or `/dbfs/` in a parameter, an
environment variable, a Pipes bootstrap value and the Pipes context is rewritten to the real folder. A path that the
task makes up by itself is then not found.
"""

import base64
import functools
import json
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

# A root folder cannot get a new entry, so another root is put together and gone into.
NEW_ROOT = """
root=$1; volumes=$2; dbfs=$3; folder=$4; shift 4
mount -t tmpfs none "$root" || exit 125
for entry in /* /.[!.]*; do
  name=${entry##*/}
  if [ "$name" = Volumes ] || [ "$name" = dbfs ]; then continue; fi
  if [ -L "$entry" ]; then cp -P "$entry" "$root/$name"
  elif [ -d "$entry" ]; then mkdir "$root/$name" && mount --rbind "$entry" "$root/$name"
  elif [ -e "$entry" ]; then : > "$root/$name" && mount --bind "$entry" "$root/$name"
  fi
done
mkdir "$root/Volumes" "$root/dbfs" && mount --bind "$volumes" "$root/Volumes" && mount --bind "$dbfs" "$root/dbfs" &&
exec chroot "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
exit 125
"""


class MountNamespace:
    """A task in a mount namespace: the paths are truly there.

    Attributes:
        volumes: where the task sees the volumes.
    """

    def __init__(self, volumes: Path, dbfs: Path) -> None:
        self._folders = (str(volumes), str(dbfs))
        self.volumes = Path("/Volumes")

    def command(self, command: list[str], folder: Path) -> list[str]:
        root = folder / "root"
        root.mkdir(exist_ok=True)
        enter = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", NEW_ROOT, "sh"]
        return [*enter, str(root), *self._folders, str(folder), *command]

    def translate(self, value: str, folder: Path) -> str:
        return value


class PathRewriting:
    """A task on the machine as it is: the paths in what it is passed are the real ones.

    Attributes:
        volumes: where the task sees the volumes.
    """

    def __init__(self, volumes: Path, dbfs: Path) -> None:
        self._folders: Mapping[str, Path] = {"Volumes": volumes, "dbfs": dbfs}
        self.volumes = volumes

    def command(self, command: list[str], folder: Path) -> list[str]:
        return command

    def translate(self, value: str, folder: Path) -> str:
        bootstrap = _bootstrap_json(value)
        if bootstrap is None:
            return self._rewrite(value)
        params = json.loads(self._rewrite(bootstrap))
        context = Path(str(params.get("path", ""))) if isinstance(params, dict) else Path()
        if context.name == "context.json" and context.exists():
            copy = folder / "context.json"
            copy.write_text(self._rewrite(context.read_text("utf-8")), "utf-8")
            params["path"] = str(copy)
        return base64.b64encode(zlib.compress(json.dumps(params).encode())).decode()

    def _rewrite(self, text: str) -> str:
        return re.sub(r"(?<![\w./-])/(Volumes|dbfs)(?=/)", lambda match: str(self._folders[match[1]]), text)


def _bootstrap_json(value: str) -> str | None:
    """The JSON in a Pipes bootstrap value, which is base64 of zlib of JSON. None for any other text."""
    try:
        text = zlib.decompress(base64.b64decode(value, validate=True)).decode()
        json.loads(text)
    except (ValueError, zlib.error):
        return None
    return text


@functools.cache
def namespaces_work() -> bool:
    """Whether this machine lets an ordinary process have its own mounts."""
    if not shutil.which("unshare"):
        return False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "file").touch()
        command = MountNamespace(folder, folder).command(["test", "-f", "/Volumes/file"], folder)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
