"""What the workspace answers to a call that it does not do, as one line for people."""

from databricks.sdk.core import DatabricksError

from fitness_assets.errors import GovernanceError, WorkspaceError


def first_line(error: BaseException) -> str:
    """The first line of an error's message; of one without a message what it is."""
    if isinstance(error, TimeoutError) and error.__cause__ is not None:
        error = error.__cause__  # the SDK says only that its time was over, and this is why
    return (str(error).strip() or repr(error)).splitlines()[0]


def refusal(error: DatabricksError | WorkspaceError, action: str) -> GovernanceError:
    """The error for a change that the workspace does not make."""
    return GovernanceError(f"The workspace refused: {action}. {first_line(error)}")
