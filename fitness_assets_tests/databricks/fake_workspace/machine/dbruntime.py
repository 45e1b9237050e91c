"""What the runtime of a machine gives, as the SDK asks it for it: a dbutils with the secrets of the workspace.

A copy of this file is the module `dbruntime` of a machine of dedicated access mode. On other compute there is none.
"""

import json
import os
from types import SimpleNamespace
from typing import Any


class _Secrets:
    def _all(self) -> dict[str, dict[str, str]]:
        return dict(json.loads(os.environ["FAKE_SECRETS"]))

    def list(self, scope: str) -> "list[SimpleNamespace]":
        return [SimpleNamespace(key=key) for key in self._scope(scope)]

    def get(self, scope: str, key: str) -> str:
        return self._scope(scope)[key]

    def _scope(self, scope: str) -> dict[str, str]:
        if scope not in self._all():
            raise ValueError(f"Secret does not exist with scope: {scope}")
        return self._all()[scope]


class UserNamespaceInitializer:
    """Where the SDK finds what notebooks have as globals."""

    @classmethod
    def getOrCreate(cls) -> "UserNamespaceInitializer":  # the runtime's own name
        return cls()

    def get_namespace_globals(self) -> dict[str, Any]:
        return {"dbutils": SimpleNamespace(secrets=_Secrets())}
