#!/usr/bin/env bash
# Builds the Databricks CLI from the Go module proxy, once, and prints the path of the program.
# For machines that reach the proxy and no release page; elsewhere install the released CLI of the same version.
set -euo pipefail

version=1.10.0
# What the Go checksum database says of the module's zip; its go.sum pins everything below it.
pinned_checksum='h1:n2ki21vWtz6mkqqjdLk/0FDoa2ODZukIf35UXwUz0a4='
module=github.com/databricks/cli

usage() {
  cat <<'END'
usage: deployment/build-databricks-cli.sh

Prints the path of the Databricks CLI, which it builds when it is not there yet (about three minutes, needs Go).
It lies in ${XDG_CACHE_HOME:-~/.cache}/fitness_assets/databricks-cli/<version>/, outside the checkout.
END
}

log() { printf '%s\n' "$*" >&2; }
fail() {
  log "build-databricks-cli: $*"
  exit 1
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

folder=${XDG_CACHE_HOME:-$HOME/.cache}/fitness_assets/databricks-cli/$version
program=$folder/databricks
if [ -x "$program" ]; then
  printf '%s\n' "$program"
  exit 0
fi

command -v go >/dev/null || fail "Go is not installed. Install it, or the released Databricks CLI $version."
log "Fetching the Databricks CLI $version ..."
downloaded=$(go mod download -json "$module@v$version") || fail "the Go module proxy does not give $module@v$version."
field() { printf '%s' "$downloaded" | sed -n "s/^[[:space:]]*\"$1\": \"\(.*\)\",\{0,1\}$/\1/p"; }
checksum=$(field Sum)
[ "$checksum" = "$pinned_checksum" ] || fail "the zip of $module@v$version has the checksum '$checksum', not '$pinned_checksum'. Not built."

mkdir -p "$folder"
# Built beside its place and renamed, so that a build that is killed leaves nothing that looks whole.
work=$(mktemp -d "$folder/.building.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cp -R "$(field Dir)" "$work/source"
chmod -R u+w "$work/source"
log "Building it (about three minutes) ..."
# From inside the module, because `go install` refuses a module that replaces others.
(cd "$work/source" && GOFLAGS='' CGO_ENABLED=0 go build -trimpath \
  -ldflags "-s -w -X $module/internal/build.buildVersion=$version" -o "$work/databricks" .) >&2 ||
  fail "the build failed; Go says why above."
mv "$work/databricks" "$program"
printf '%s\n' "$program"
