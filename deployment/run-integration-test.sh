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

# shellcheck source=deployment/arguments.bash
source "$(dirname "$0")/arguments.bash"
minutes=120
option() {
  case $1 in
    --minutes)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage_error "--minutes needs a whole number."
      minutes=$2
      ;;
    *) usage_error "There is no option $1." ;;
  esac
}
read_arguments "$@"
tables=$(unzip -p "$artifact" tables.txt) || fail "$artifact is no artifact of deployment/build-artifact.sh."

# shellcheck disable=SC2086 # one word a table
exec python3 "$(dirname "$0")/integration_test.py" --target "$target" --minutes "$minutes" $tables
