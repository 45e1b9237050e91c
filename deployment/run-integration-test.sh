#!/usr/bin/env bash
# Runs the batch and the stream integration test on a target to which an artifact was deployed.
set -euo pipefail

usage() {
  cat <<'END'
usage: deployment/run-integration-test.sh ARTIFACT TARGET [--minutes 120]

Starts the job "fitness_assets integration test" that deploy.sh deployed to TARGET (dev, qa or prod), waits for it,
and prints a result for each table. It fails, with a code other than 0, when the run does not succeed, when a table
says nothing, and when the run takes longer than the minutes given. Ended before that (Ctrl-C, or a cancelled pipeline)
it cancels the run. It may be repeated at any time: a run that is still going on is waited for.

The workspace and the credentials come from the environment; see deployment/deploy.sh --help.
END
}

misused() {
  printf 'run-integration-test.sh: %s\n\n' "$*" >&2
  usage >&2
  exit 2
}

minutes=120
words=()
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    --minutes)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || misused "--minutes needs a whole number."
      minutes=$2
      shift
      ;;
    -*) misused "There is no option $1." ;;
    *) words+=("$1") ;;
  esac
  shift
done
[ ${#words[@]} -eq 2 ] || misused "An artifact and a target are needed."
artifact=${words[0]}
target=${words[1]}
case $target in
  dev | qa | prod) ;;
  *) misused "There is no target '$target'." ;;
esac
[ -f "$artifact" ] || misused "There is no file $artifact."
export DATABRICKS_CLI=${DATABRICKS_CLI:-databricks}
command -v "$DATABRICKS_CLI" >/dev/null ||
  misused "The Databricks CLI is not there ('$DATABRICKS_CLI'). Put it on PATH, or name it with DATABRICKS_CLI."
tables=$(unzip -p "$artifact" tables.txt) || misused "$artifact is no artifact of deployment/build-artifact.sh."

# shellcheck disable=SC2086 # one word a table
exec python3 "$(dirname "$0")/integration_test.py" --target "$target" --minutes "$minutes" $tables
