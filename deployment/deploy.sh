#!/usr/bin/env bash
# Deploys a build artifact to a target with the Databricks CLI.
set -euo pipefail

usage() {
  cat <<'END'
usage: deployment/deploy.sh ARTIFACT TARGET [options]

Deploys ARTIFACT, the zip of deployment/build-artifact.sh, to TARGET: dev, qa or prod.

  --compute KIND     what the jobs run on: serverless (default), job (a cluster for each run; needs --var policy_id=...)
                     or existing (a cluster that is there; needs --var cluster_id=...)
  --trigger KIND     what starts the batch job where batch_schedule=UNPAUSED: schedule (default, each hour) or
                     file-arrival (when files land)
  --run-as ID        the jobs run as the service principal with this application id and not as whoever deploys, who
                     needs the role Service Principal User on it; owners manage the jobs, engineers see them
  --budget-policy ID what serverless compute is billed to
  --email ADDRESS    is told of runs that fail or take too long; may be given several times
  --webhook ID       a notification destination that is told of the same; may be given several times
  --dashboard ID     deploys the AI/BI dashboard too, which asks the SQL warehouse of this id
  --lakeflow CATALOG deploys the Lakeflow pipeline too, which has its tables in this catalog, another than that of the jobs
  --var NAME=VALUE   sets a variable of databricks.yml; may be given several times
  --force-lock       takes the lock that a killed deploy left; only where no other deploy to TARGET can be going on

The workspace and the credentials come from the environment, as the Databricks CLI reads them: DATABRICKS_HOST with
DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET of a service principal, or with DATABRICKS_TOKEN, or
DATABRICKS_CONFIG_PROFILE. It needs the Databricks CLI 1.10 or newer (on PATH, or named by DATABRICKS_CLI),
Python 3.10 or newer, bash 4.4 or newer, and unzip.

A deploy may be repeated at any time, and has to be after it was killed: it then takes over what is there.
END
}

# shellcheck source=deployment/arguments.bash
source "$(dirname "$0")/arguments.bash"
compute=serverless
trigger=schedule
warehouse_id=
lakeflow_catalog=
service_principal=
budget_policy=
emails=()
webhooks=()
variables=()
lock=()
option() {
  case $1 in
    --compute)
      [[ ${2:-} =~ ^(serverless|job|existing)$ ]] || usage_error "There is no compute '${2:-}'."
      compute=$2
      ;;
    --trigger)
      [[ ${2:-} =~ ^(schedule|file-arrival)$ ]] || usage_error "There is no trigger '${2:-}'."
      trigger=$2
      ;;
    --dashboard)
      [[ ${2:-} =~ ^[0-9a-f]+$ ]] || usage_error "--dashboard needs the id of a SQL warehouse."
      warehouse_id=$2
      ;;
    --lakeflow)
      [[ ${2:-} =~ ^[A-Za-z0-9_]+$ ]] || usage_error "--lakeflow needs the name of a catalog."
      lakeflow_catalog=$2
      ;;
    --run-as)
      [[ ${2:-} =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] ||
        usage_error "--run-as needs the application id of a service principal."
      service_principal=$2
      ;;
    --budget-policy)
      [[ ${2:-} =~ ^[0-9a-f-]+$ ]] || usage_error "--budget-policy needs the id of a budget policy."
      budget_policy=$2
      ;;
    --email)
      [[ ${2:-} =~ ^[^@\"\\]+@[^@\"\\]+$ ]] || usage_error "--email needs an address."
      emails+=("$2")
      ;;
    --webhook)
      [[ ${2:-} =~ ^[0-9a-f-]+$ ]] || usage_error "--webhook needs the id of a notification destination."
      webhooks+=("$2")
      ;;
    --var)
      [ $# -ge 2 ] || usage_error "--var needs NAME=VALUE."
      variables+=(--var "$2")
      ;;
    --force-lock)
      lock=(--force-lock)
      consumed=1
      ;;
    *) usage_error "There is no option $1." ;;
  esac
}
read_arguments "$@"
# Without Terraform, which would have to be downloaded.
export DATABRICKS_BUNDLE_ENGINE=direct

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unzip -q "$artifact" -d "$work" || fail "$artifact cannot be unpacked."
for file in databricks.yml resources deployment/bind_existing.py; do
  [ -e "$work/$file" ] || fail "$artifact holds no $file: it is no artifact of deployment/build-artifact.sh."
done
cd "$work"
if [ "$compute" != serverless ]; then
  cp "deployment/compute/$compute.yml" resources/compute.yml
fi
if [ "$trigger" != schedule ]; then
  cp "deployment/trigger/$trigger.yml" resources/trigger.yml
fi
if [ -n "$warehouse_id" ]; then
  cp deployment/dashboard.yml resources/dashboard.yml
  variables+=(--var "warehouse_id=$warehouse_id")
fi
if [ -n "$lakeflow_catalog" ]; then
  cp deployment/lakeflow.yml resources/lakeflow.yml
  variables+=(--var "lakeflow_catalog=$lakeflow_catalog")
fi
if [ -n "$service_principal" ]; then
  cp deployment/run_as.yml resources/run_as.yml
  variables+=(--var "service_principal=$service_principal")
fi
if [ -n "$budget_policy" ]; then
  cp deployment/budget.yml resources/budget.yml
  variables+=(--var "budget_policy_id=$budget_policy")
fi
if [ $((${#emails[@]} + ${#webhooks[@]})) -gt 0 ]; then
  # Lists cannot be given by --var.
  overrides=.databricks/bundle/$target/variable-overrides.json
  mkdir -p "${overrides%/*}"
  python3 -c 'import json, sys
count, values = int(sys.argv[1]), sys.argv[2:]
webhooks = [{"id": webhook} for webhook in values[count:]]
print(json.dumps({"failure_emails": values[:count], "failure_webhooks": webhooks}))' \
    "${#emails[@]}" "${emails[@]}" "${webhooks[@]}" >"$overrides"
fi

echo "Deploying $(cat commit.txt) to $target, on $compute ..."
"$DATABRICKS_CLI" bundle validate --strict --target "$target" "${variables[@]}" ||
  fail "The bundle is not valid, or the workspace refuses us; it says above why. Nothing was changed."
python3 deployment/bind_existing.py --target "$target" "${variables[@]}" "${lock[@]}" || fail "Not deployed."
"$DATABRICKS_CLI" bundle deploy --target "$target" "${variables[@]}" "${lock[@]}" ||
  fail "The deploy failed; it says above why. Repeat it when that is mended.
If it speaks of a deploy lock: where no other deploy to $target is going on, repeat it with --force-lock."
"$DATABRICKS_CLI" bundle summary --target "$target" "${variables[@]}"
