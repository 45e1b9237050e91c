"""The address of a device, which is one thing in every notation."""

import re

_DIGITS = 12


def normalized_mac(column: str) -> str:
    """A MAC address as lower-case pairs with colons, in SQL; what is no 12 hex digits stays as it came."""
    digits = f"regexp_replace({column}, '[:.-]', '')"
    pairs = ", ".join(f"substring({digits}, {start}, 2)" for start in range(1, _DIGITS, 2))
    return (
        f"CASE WHEN {digits} RLIKE '^[0-9A-Fa-f]{{{_DIGITS}}}$' THEN lower(concat_ws(':', {pairs})) ELSE {column} END"
    )


def as_normalized_mac(address: str) -> str:
    """The same of one address."""
    digits = re.sub("[:.-]", "", address)
    if not re.fullmatch(f"[0-9A-Fa-f]{{{_DIGITS}}}", digits):
        return address
    return ":".join(digits[start : start + 2] for start in range(0, _DIGITS, 2)).lower()
