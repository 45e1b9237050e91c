"""Which variables are secrets, so that a child process is given only those that it needs."""

import re
from collections.abc import Collection
from enum import Enum


class Secret(Enum):
    """A kind of secret; the value is what the names of its variables match. The first kind that matches counts."""

    KAFKA = r"FITNESS_KAFKA_\w+"
    SQL = r"FITNESS_SQL_URL"
    ENGINE = r"SPARK_REMOTE|SPARK_CONNECT_AUTHENTICATE_TOKEN"
    ALERTS = r"FITNESS_ALERT_WEBHOOKS|FITNESS_SMTP_PASSWORD"
    DATABRICKS = r"(DATABRICKS|ARM)_\w+"
    AZURE = r"AZURE_\w+"
    """Whoever signs in with Microsoft Entra ID asks these who it is."""
    CLOUD = r"(AWS|GOOGLE)_\w+"
    OTHER = r"\w*(TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|ACCESS_KEY|PRIVATE_KEY)\w*"
    """By its name, somebody's."""


ALL: frozenset[Secret] = frozenset(Secret)
"""What a process is given in which everything may run, assets of other people among it."""

NO_JAVA_NEEDS = (Secret.KAFKA, Secret.SQL, Secret.DATABRICKS, Secret.ALERTS)
"""What no Java of ours reads: records come to it as rows, whoever they are asked of."""


def is_kept(variable: str, kept: Collection[Secret]) -> bool:
    """Whether a variable goes to a child that needs these secrets; what is no secret always does."""
    kind = next((secret for secret in Secret if re.fullmatch(secret.value, variable)), None)
    return kind is None or kind in kept
