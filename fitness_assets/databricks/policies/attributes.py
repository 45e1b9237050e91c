"""The attributes a compute policy may limit and how, as Databricks publishes them for Azure
(https://learn.microsoft.com/azure/databricks/admin/clusters/policy-definition)."""

import re
from collections.abc import Mapping
from typing import Any

from fitness_assets.errors import GovernanceError

Definition = Mapping[str, Mapping[str, Any]]

_NUMBER, _TEXT, _BOOLEAN = (int, float), (str,), (bool,)
ATTRIBUTES: dict[str, tuple[tuple[type, ...], bool]] = {
    "autoscale.max_workers": (_NUMBER, True),
    "autoscale.min_workers": (_NUMBER, True),
    "autotermination_minutes": (_NUMBER, False),
    "azure_attributes.availability": (_TEXT, False),
    "azure_attributes.first_on_demand": (_NUMBER, False),
    "azure_attributes.spot_bid_max_price": (_NUMBER, False),
    "cluster_log_conf.path": (_TEXT, False),
    "cluster_log_conf.type": (_TEXT, False),
    "cluster_name": (_TEXT, False),
    "cluster_type": (_TEXT, False),
    "custom_tags.*": (_TEXT, False),
    "data_security_mode": (_TEXT, False),
    "dbus_per_hour": (_NUMBER, False),
    "docker_image.basic_auth.password": (_TEXT, False),
    "docker_image.basic_auth.username": (_TEXT, False),
    "docker_image.url": (_TEXT, False),
    "driver_instance_pool_id": (_TEXT, True),
    "driver_node_type_id": (_TEXT, True),
    "enable_local_disk_encryption": (_BOOLEAN, False),
    "init_scripts.*.abfss.destination": (_TEXT, True),
    "init_scripts.*.file.destination": (_TEXT, True),
    "init_scripts.*.volumes.destination": (_TEXT, True),
    "init_scripts.*.workspace.destination": (_TEXT, True),
    "instance_pool_id": (_TEXT, True),
    "is_single_node": (_BOOLEAN, True),
    "node_type_id": (_TEXT, True),
    "num_workers": (_NUMBER, True),
    "runtime_engine": (_TEXT, False),
    "single_user_name": (_TEXT, False),
    "spark_conf.*": (_TEXT, True),
    "spark_env_vars.*": (_TEXT, True),
    "spark_version": (_TEXT, False),
    "use_ml_runtime": (_BOOLEAN, True),
    "workload_type.clients.jobs": (_BOOLEAN, False),
    "workload_type.clients.notebooks": (_BOOLEAN, False),
}
"""For each path the type of its values, and whether a cluster may do without it."""

ENUM_VALUES = {
    "azure_attributes.availability": {"SPOT_AZURE", "ON_DEMAND_AZURE", "SPOT_WITH_FALLBACK_AZURE"},
    "cluster_type": {"all-purpose", "job", "dlt"},
    "data_security_mode": {
        *("SINGLE_USER", "USER_ISOLATION", "NONE", "DATA_SECURITY_MODE_AUTO"),
        *("DATA_SECURITY_MODE_STANDARD", "DATA_SECURITY_MODE_DEDICATED"),
    },
    "runtime_engine": {"STANDARD", "PHOTON"},
}
"""The only values of an attribute, where there are but few."""

_OPTIONAL_FIELDS = {"defaultValue", "isOptional"}
LIMITATION_FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "fixed": ({"value"}, {"hidden"}),
    "forbidden": (set(), {"hidden"}),
    "allowlist": ({"values"}, _OPTIONAL_FIELDS),
    "blocklist": ({"values"}, _OPTIONAL_FIELDS),
    "regex": ({"pattern"}, _OPTIONAL_FIELDS),
    "range": (set(), {"minValue", "maxValue", *_OPTIONAL_FIELDS}),
    "unlimited": (set(), _OPTIONAL_FIELDS),
}
"""For each type of limitation the fields it must have, and those it may have besides."""


def validate_definition(name: str, definition: Definition) -> Definition:
    """The definition, if Databricks would take it.

    Raises:
        GovernanceError: it would not; the message has every reason.
    """
    problems = [problem for path, limitation in definition.items() for problem in _problems(path, limitation)]
    if problems:
        raise GovernanceError(f"The policy {name} cannot be: {' '.join(problems)}")
    return definition


def _problems(path: str, limitation: Mapping[str, Any]) -> list[str]:
    attribute = _attribute(path)
    if attribute is None:
        return [f"There is no attribute {path}."]
    types, is_optional = attribute
    if limitation.get("type", "") not in LIMITATION_FIELDS:
        return [f"{path} has the type {limitation.get('type')!r}; there are {', '.join(LIMITATION_FIELDS)}."]
    required, optional = LIMITATION_FIELDS[limitation["type"]]
    fields = set(limitation) - {"type"}
    unknown = fields - required - optional
    problems = [f"{path} lacks {field}." for field in sorted(required - fields)]
    problems += [f"{path} has {field}, which {limitation['type']} does not know." for field in sorted(unknown)]
    if limitation["type"] == "forbidden" and not is_optional:
        problems.append(f"{path} is needed by every cluster and cannot be forbidden.")
    if limitation["type"] == "range":
        problems += _range_problems(path, limitation, types)
    if limitation["type"] in ("allowlist", "blocklist") and not limitation.get("values"):
        problems.append(f"{path} lists no value.")
    values = [
        *limitation.get("values", []),
        *(limitation[field] for field in ("value", "defaultValue") if field in limitation),
    ]
    for value in values:
        if not _has_type(value, types) or (path in ENUM_VALUES and value not in ENUM_VALUES[path]):
            problems.append(f"{path} cannot be {value!r}.")
    default = limitation.get("defaultValue")
    if default is not None:
        is_outside = limitation["type"] == "allowlist" and default not in limitation.get("values", [])
        is_outside |= limitation["type"] == "regex" and not re.fullmatch(limitation.get("pattern", ""), str(default))
        problems += [f"{path} has a default {default!r} that it does not allow."] if is_outside else []
    return problems


def _range_problems(path: str, limitation: Mapping[str, Any], types: tuple[type, ...]) -> list[str]:
    if types is not _NUMBER:
        return [f"{path} is no number and has no range."]
    low, high = limitation.get("minValue", float("-inf")), limitation.get("maxValue", float("inf"))
    if not {"minValue", "maxValue"} & set(limitation):
        return [f"{path} has a range without bounds."]
    if low > high or not low <= limitation.get("defaultValue", low) <= high:
        return [f"{path} has a range or a default that does not fit."]
    return []


def _attribute(path: str) -> tuple[tuple[type, ...], bool] | None:
    if path in ATTRIBUTES:
        return ATTRIBUTES[path]
    for pattern, attribute in ATTRIBUTES.items():
        if pattern.endswith(".*") and path.startswith(pattern[:-1]) and len(path) >= len(pattern):
            return attribute
    return None


def _has_type(value: object, types: tuple[type, ...]) -> bool:
    return isinstance(value, types) and (bool in types or not isinstance(value, bool))
