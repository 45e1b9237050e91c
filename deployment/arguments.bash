# shellcheck shell=bash
# What deploy.sh and run-integration-test.sh have in common: their two arguments, and how they fail. They define
# `usage`, and `option`, which is given an option with all that comes after it and sets `consumed` to 1 where it has no
# value.

fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}
usage_error() {
  printf '%s: %s\n\n' "${0##*/}" "$*" >&2
  usage >&2
  exit 2
}

# Sets `artifact` and `target`, and finds the Databricks CLI.
read_arguments() {
  local positional=() consumed
  while [ $# -gt 0 ]; do
    consumed=1
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      -*)
        consumed=2
        option "$@"
        ;;
      *) positional+=("$1") ;;
    esac
    shift "$consumed"
  done
  [ ${#positional[@]} -eq 2 ] || usage_error "An artifact and a target are needed."
  artifact=${positional[0]}
  target=${positional[1]}
  case $target in
    dev | qa | prod) ;;
    *) usage_error "There is no target '$target'." ;;
  esac
  [ -f "$artifact" ] || fail "There is no file $artifact. deployment/build-artifact.sh makes it."
  command -v unzip >/dev/null || fail "unzip is not installed."
  command -v python3 >/dev/null || fail "python3 is not installed."
  export DATABRICKS_CLI=${DATABRICKS_CLI:-databricks}
  command -v "$DATABRICKS_CLI" >/dev/null ||
    fail "The Databricks CLI is not there ('$DATABRICKS_CLI'). Put it on PATH, or name it with DATABRICKS_CLI."
}
