#!/usr/bin/env bash
# Packs what a release needs into one zip: the wheel, the bundle, and the scripts that deploy and test it.
set -euo pipefail

usage() {
  cat <<'END'
usage: deployment/build-artifact.sh [FILE]

Builds the wheel and writes FILE (default: dist/fitness_assets.zip), the artifact that deploy.sh and
run-integration-test.sh take. `make install` must have been run.
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
target=$(realpath -m "${1:-$(dirname "$0")/../dist/fitness_assets.zip}")
cd "$(dirname "$0")/.."

bash deployment/build-wheel.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/dist"
cp -p dist/fitness_assets-*.whl "$work/dist/"
cp -Rp databricks.yml resources deployment dashboards lakeflow "$work/"
rm -rf "$work"/{deployment,lakeflow}/__pycache__
python=.venv/bin/python
[ -x "$python" ] || python=python3
# The tables that the integration test must name; a table that says nothing is a failure.
"$python" -c 'from fitness_assets.contracts.registry import all_tables; print(*all_tables(), sep="\n")' >"$work/tables.txt"
# What it is made of.
"$python" deployment/sbom.py dist/fitness_assets-*.whl "$work"
git rev-parse HEAD >"$work/commit.txt" 2>/dev/null || echo unknown >"$work/commit.txt"

mkdir -p "$(dirname "$target")"
rm -f "$target.part"
(cd "$work" && zip -q -r "$target.part" .)
mv "$target.part" "$target"
echo "$target"
