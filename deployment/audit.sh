#!/usr/bin/env bash
# Asks the registry of packages for known vulnerabilities of what requirements.lock pins.
set -euo pipefail

usage() {
  cat <<'END'
usage: deployment/audit.sh

Fails where a package of requirements.lock has a known vulnerability, and where one could not be asked about. The tool is
installed from deployment/audit.lock into ${XDG_CACHE_HOME:-~/.cache}/fitness_assets/audit, outside the checkout.
END
}

case ${1:-} in
  -h | --help)
    usage
    exit 0
    ;;
  '') ;;
  *)
    usage >&2
    exit 2
    ;;
esac
cd "$(dirname "$0")/.."

python=.venv/bin/python
[ -x "$python" ] || python=python3
folder=${XDG_CACHE_HOME:-$HOME/.cache}/fitness_assets/audit/$(sha256sum deployment/audit.lock | cut -c1-12)
if [ ! -x "$folder/bin/pip-audit" ]; then
  "$python" -m venv --clear "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r deployment/audit.lock
fi
# Without --strict a package that the registry says nothing of would count as harmless.
exec "$folder/bin/pip-audit" --strict --require-hashes --disable-pip -r requirements.lock
