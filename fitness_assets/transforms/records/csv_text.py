"""The fields of one line of CSV."""

import re

_FIELD = re.compile(r'[ \t]*(?:"((?:[^"]|"")*)"[ \t]*|([^",]*))(?:,|$)')


def split_csv(line: str) -> list[str] | None:
    """The fields without the blanks around them; None where a quote stands in a field that is no whole quoted one.

    A record never goes on in the next line.
    """
    if '"' not in line:
        return [field.strip(" \t") for field in line.split(",")]
    fields: list[str] = []
    position, is_last = 0, False
    while not is_last:
        match = _FIELD.match(line, position)
        if match is None:
            return None
        quoted, plain = match.groups()
        fields.append((plain if quoted is None else quoted.replace('""', '"')).strip(" \t"))
        position, is_last = match.end(), not match[0].endswith(",")
    return fields
