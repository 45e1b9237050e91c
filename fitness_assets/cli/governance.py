"""`fitness-assets governance`: grants, masks, row filters, tags, compute policies and secrets of a workspace."""

import argparse


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command's options."""
    parser = commands.add_parser("governance", help="who may see and do what on Databricks", description=__doc__)
    parser.add_argument(
        "what",
        choices=("plan", "apply", "verify", "matrix"),
        help="show the difference; apply it; check what holds; print which role sees what (needs no workspace)",
    )
    parser.add_argument("--env", choices=("dev", "qa", "prod"), help="the environment (default FITNESS_ENV, or dev)")
    parser.add_argument("--rotate-secrets", action="store_true", help="write secrets anew that are there already")


def governance(parsed: argparse.Namespace) -> int:
    """Plan, apply or verify; 0 where all is well, 1 where verify finds something.

    Raises:
        SettingError: a setting is missing; the message names it.
        GovernanceError: the workspace refuses a change.
    """
    from fitness_assets.databricks.governance.matrix import matrix
    from fitness_assets.databricks.workspace import Workspace

    if parsed.what == "matrix":
        _say(matrix(Workspace.from_env(parsed.env, needs_warehouse=False)))
        return 0
    from fitness_assets.databricks.session import Session

    session = Session.open(parsed.env, parsed.rotate_secrets)
    where = f"catalog {session.workspace.catalog} of {session.host}"
    if parsed.what == "verify":
        findings = session.verify()
        for finding in findings:
            _say(f"  {finding}")
        _say(f"{len(findings)} findings in {where}." if findings else f"All is as declared in {where}.")
        return 1 if findings else 0
    count = 0
    for line in session.apply() if parsed.what == "apply" else session.plan():
        count += 0 if line.startswith(".") else 1
        _say(f"  {line}")
    said = "changes made" if parsed.what == "apply" else "changes to make"
    _say(f"{count} {said} in {where}." if count else f"Nothing to change in {where}.")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
