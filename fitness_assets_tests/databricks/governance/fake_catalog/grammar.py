"""Statements that sqlglot takes for commands, read clause by clause from its tokens."""

from collections.abc import Callable

import sqlglot
from sqlglot.tokens import TokenType


class Clauses:
    """A statement as its tokens, from which one clause after another is taken.

    Args:
        error: makes the error for what stands where something else should.
    """

    def __init__(self, statement: str, error: Callable[[str], Exception]) -> None:
        self._tokens = sqlglot.tokenize(statement, read="databricks")
        self._error = error

    def takes(self, *words: str) -> bool:
        """Whether these words come next; then they are taken."""
        found = [token.text.upper() for token in self._tokens[: len(words)]] == list(words)
        if found:
            del self._tokens[: len(words)]
        return found

    def needs(self, *words: str) -> None:
        if not self.takes(*words):
            raise self._error(self._next)

    def one_of(self, *words: str) -> str:
        for word in words:
            if self.takes(word):
                return word
        raise self._error(self._next)

    def identifier(self) -> str:
        return self._text(TokenType.IDENTIFIER)

    def string(self) -> str:
        return self._text(TokenType.STRING)

    def name(self) -> str:
        """Parts in quotes with dots between them."""
        parts = [self.identifier()]
        while self.takes("."):
            parts.append(self.identifier())
        return ".".join(parts)

    def identifiers(self) -> list[str]:
        """Names in brackets with commas between them."""
        self.needs("(")
        names = [self.identifier()]
        while self.takes(","):
            names.append(self.identifier())
        self.needs(")")
        return names

    def tag_name(self) -> str:
        self.needs("(")
        name = self.string()
        self.needs(")")
        return name

    def tag(self) -> tuple[str, str]:
        self.needs("(")
        name = self.string()
        self.needs("=")
        value = self.string()
        self.needs(")")
        return name, value

    @property
    def is_over(self) -> bool:
        return not self._tokens

    def ends(self) -> None:
        if not self.is_over:
            raise self._error(self._next)

    @property
    def _next(self) -> str:
        return f"'{self._tokens[0].text}'" if self._tokens else "end of input"

    def _text(self, token_type: TokenType) -> str:
        if not self._tokens or self._tokens[0].token_type is not token_type:
            raise self._error(self._next)
        text: str = self._tokens.pop(0).text
        return text
