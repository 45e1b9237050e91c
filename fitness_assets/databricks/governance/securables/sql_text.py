"""SQL as a workspace holds it beside SQL as it was sent: the same where only its writing differs."""

import re

_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`]|``)+`|\w+|[^\s\w]")
_PLAIN_NAME = re.compile(r"`(\w+)`")


def on_one_line(sql: str) -> str:
    """A piece of SQL with single spaces, for people."""
    return " ".join(sql.split())


def as_declared(actual: str, declared: str) -> str:
    """The declared text where the actual one says the same, otherwise the actual one.

    A workspace may give a text back with other white space (it takes out empty lines and tabs), other capitals, and
    other quotes around names. What stands in strings counts to the letter.
    """
    return declared if _tokens(actual) == _tokens(declared) else on_one_line(actual)


def _tokens(sql: str) -> list[str]:
    return [_normalized(token) for token in _TOKEN.findall(sql)]


def _normalized(token: str) -> str:
    if token.startswith("'"):
        return token
    plain = _PLAIN_NAME.fullmatch(token)
    return (plain[1] if plain else token).lower()
