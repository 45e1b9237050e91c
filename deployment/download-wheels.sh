#!/usr/bin/env bash
# Fetches what our wheel needs on a workspace that reaches no registry.
set -euo pipefail

usage() {
  cat <<'END'
usage: deployment/download-wheels.sh [FOLDER]

Puts the wheels of deployment/workspace_wheels.lock into FOLDER (default: dist/wheels), each checked against its hash.
With FITNESS_WHEELS=FOLDER runs take them along.
END
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
  -*)
    usage >&2
    exit 2
    ;;
esac
folder=$(realpath -m "${1:-$(dirname "$0")/../dist/wheels}")
cd "$(dirname "$0")/.."

python=.venv/bin/python
[ -x "$python" ] || python=python3
# For the Python and the machines of the workspace, whatever is here.
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
  --implementation cp --python-version 3.12 --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 \
  --platform manylinux2014_x86_64 --requirement deployment/workspace_wheels.lock --dest "$folder"
ls "$folder"
