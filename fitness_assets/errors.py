"""Everything this project raises on purpose: what happened, where, and what to do about it."""


class FitnessError(Exception):
    """The root of all errors of fitness_assets."""


class SettingError(FitnessError):
    """A setting is missing or cannot be understood; the message names it."""


class EngineError(FitnessError):
    """No Spark engine can be had: no Java, no jars, or a server that does not answer."""


class ContractError(FitnessError):
    """A contract and its transform, or two contracts, do not fit together."""


class BackupError(FitnessError):
    """A backup cannot be taken or put back: it is not whole, something is in its place, or it is of a catalog."""


class DataLossError(FitnessError):
    """A full refresh of a bronze table would lose records whose files are no longer in the landing zone."""


class SchemaMismatchError(FitnessError):
    """A table has columns that cannot become those of its contract by themselves."""


class TableUnreadableError(FitnessError):
    """A table's log or one of its files cannot be read without Spark, or a file that the log names is gone."""


class UnsupportedTableError(FitnessError):
    """A table has a constraint or a feature with which only Spark may write to it, and Spark cannot do what is due."""


class ErasureError(FitnessError):
    """A person cannot be forgotten, or not everywhere; the message says where, and what to do."""


class LockUnavailableError(FitnessError):
    """The checkpoint zone lies where files cannot be locked, so that two runs could not take turns."""


class LockTimeoutError(FitnessError):
    """Another process is updating the table and does not finish."""


class ConcurrentWriteError(FitnessError):
    """Another writer changed the table meanwhile; the update is to be done again."""


class StackError(FitnessError):
    """A server of the live stack does not start, or its port is taken."""


class ReceiverError(FitnessError):
    """Somebody who is to be told of an alert cannot be reached, or does not take the message."""


class AlertError(FitnessError):
    """There is no such alert now; the message says where to see which there are."""


class KafkaError(FitnessError):
    """The broker does not answer, refuses us, or does not have what it should have."""


class WorkspaceError(FitnessError):
    """The Databricks workspace does not answer, refuses us, or ended a run that should have gone on."""


class RemoteError(FitnessError):
    """What went wrong in a remote run, in its own words; `trace` says where, if it was not foreseen."""

    def __init__(self, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.trace = trace


class SqlSourceError(FitnessError):
    """The SQL source cannot be reached, refuses us, or does not have what it should have."""


class SinkError(FitnessError):
    """What the producer sends to does not answer or does not take it; the message names it."""


class GovernanceError(FitnessError):
    """The workspace refuses what governance or a policy declares, or a declaration is not one it can hold."""


class PreflightError(GovernanceError):
    """Principals, rights or objects that governance needs are missing; the message has all of them, a line each."""


class UpdateError(FitnessError):
    """Some tables could not be brought up to date, or did not pass their checks."""


class ValidationError(FitnessError):
    """`fitness-assets validate` found a difference between what is expected and what is there."""


def error_summary(error: Exception) -> str:
    """An error as one line for people; of one that was not foreseen also its kind."""
    message = str(error).strip() or repr(error)
    return message if isinstance(error, FitnessError) else f"{type(error).__name__}: {message.splitlines()[0]}"
