"""Names and strings as they stand in a statement of the warehouse."""


def quote_name(name: str) -> str:
    """One part of a name, such as a column."""
    return "`" + name.replace("`", "``") + "`"


def quote_string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
