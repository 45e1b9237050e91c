#!/usr/bin/env bash
# Builds the project's wheel into dist/, alone there. Called by the bundle; in an unpacked artifact, which holds the
# wheel and no source, there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -f pyproject.toml ] || exit 0
python=.venv/bin/python
[ -x "$python" ] || python=python3
# With the locked hatchling where it is installed; the registry's newest otherwise.
isolation=()
"$python" -c 'import hatchling' 2>/dev/null && isolation=(--no-build-isolation)
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
"$python" -m pip wheel --quiet --disable-pip-version-check --no-deps "${isolation[@]}" --wheel-dir "$built" .
mkdir -p dist
for old in dist/fitness_assets-*.whl; do
  [ -f "$built/${old##*/}" ] || rm -f "$old"
done
wheel=$(basename "$built"/fitness_assets-*.whl)
# A wheel that came out the same keeps its time of change, which is what deploys tell versions by.
cmp -s "$built/$wheel" "dist/$wheel" || mv "$built/$wheel" "dist/$wheel"
