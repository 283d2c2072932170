"""Tokens of a JScript text as its parser goes through them, and the code that is made of them on the way."""

from collections.abc import Generator
from typing import Any

from emotriage.emulation.jscript.code import Builder, Code
from emotriage.emulation.jscript.lexer import Token

Parse = Generator["Parse", None, None]
"""A construct that is being read: it yields the constructs inside of it."""


class SyntaxFault(Exception):
    """What stands here is no JScript."""


class Reader:
    """Tokens of a text, and the code that is made of them.

    Attributes:
        text: the text.
        layer: its number.
        tokens: all of it.
        at: number of the next token.
        out: the code of the function that is being read.
        outer: those around it.
        no_in: an ``in`` belongs to the ``for`` around, and is no operator.
        loops: places that ``break`` and ``continue`` lead to, innermost last.
        guarded: how many ``try`` are open in this function.
    """

    def __init__(self, text: str, layer: int, tokens: list[Token], null: object) -> None:
        self.text = text
        self.layer = layer
        self.tokens = tokens
        self.at = 0
        self.out = Builder(Code("", (), layer, text, is_text=True))
        self.no_in = False
        self.loops: list[dict[str, Any]] = []
        self.guarded = 0
        self.slots = 0
        self.null = null

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    def sees(self, word: str) -> bool:
        """True when a sign or keyword comes next."""
        token = self.tokens[self.at]
        return token.value == word and token.kind in ("sign", "name")

    def take(self) -> Token:
        """The next token, which is then read."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def skip(self, word: str) -> bool:
        """Read a sign or keyword if it comes next."""
        if self.sees(word):
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Read a sign or keyword that must come next."""
        if not self.skip(word):
            raise SyntaxFault

    def name(self) -> str:
        """Read a name that must come next."""
        token = self.take()
        if token.kind != "name":
            raise SyntaxFault
        return str(token.value)
