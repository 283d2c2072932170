"""PowerShell read into trees: Language Specification 3.0, chapters 2 and 8, as far as scripts need it."""

import re
from typing import Any

from emotriage.emulation.powershell.expressions import DOUBLE, NUMBER, TYPE, Expressions
from emotriage.emulation.powershell.nodes import Node, SyntaxFault, Walk, drive
from emotriage.model.limits import RECORD, Budget

_DEPTH = 1500
_WORD = re.compile(r"(?:[^\s|;&(){},'\"$@`<>\u201c\u201d\u2018\u2019]|`.)+", re.DOTALL)
_ASSIGN = re.compile(r"(?:[-+*/%]?=)(?!=)")
_KEYWORDS = re.compile(
    r"(?i)(if|while|do|for|foreach|function|filter|try|switch|return|break|continue|throw|param|begin|process|end|trap)"
    r"(?![\w-])"
)


def parse(text: str, budget: Budget) -> Node:
    """The tree of a script; what is not understood is left out from there to the next line."""
    reader = Reader(text, budget)
    statements: list[Node] = []
    budget.spend(8 * len(text))
    for _ in range(10_000):
        reader.lines()
        if reader.at >= len(text):
            break
        begun = reader.at
        try:
            statements.append(drive(reader.statement(), budget, _DEPTH))
        except SyntaxFault:
            reader.at = max(reader.at, begun + 1)
            found = re.compile(r"[\n;]").search(text, reader.at)
            reader.at = found.end() if found else len(text)
        if reader.at == begun:
            reader.at += 1
    return Node("block", tuple(statements), 0)


class Reader(Expressions):
    """A text that is being read."""

    def block(self) -> Walk:
        """Statements in braces."""
        self.expect("{")
        return (yield self.statements("}"))

    def statements(self, end: str) -> Walk:
        """Statements up to a closing sign."""
        at = self.at
        out: list[Node] = []
        while True:
            self.lines()
            if self.skip(end):
                return Node("block", tuple(out), at)
            if self.at >= len(self.text):
                if end == "}":
                    return Node("block", tuple(out), at)
                raise SyntaxFault
            begun = self.at
            out.append((yield self.statement()))
            if self.at == begun:
                raise SyntaxFault

    def statement(self) -> Walk:
        """One statement."""
        self.lines()
        self.budget.spend(RECORD)
        at = self.at
        found = _KEYWORDS.match(self.text, at)
        if found is not None:
            word = found[1].lower()
            self.at = found.end()
            if word == "foreach" and not self._opens("("):
                self.at = at
            else:
                return (yield self._keyword(word, at))
        return (yield self.pipeline())

    def _opens(self, sign: str) -> bool:
        self.blank()
        return self.sees(sign)

    def _keyword(self, word: str, at: int) -> Walk:
        if word in ("if", "while", "switch"):
            self.expect("(")
            condition = yield self.statements(")")
            body = yield self.block()
            if word != "if":
                return Node(word, (condition, body), at) if word == "while" else Node("if", (condition, body, None), at)
            other = yield self._else(at)
            return Node("if", (condition, body, other), at)
        if word == "do":
            body = yield self.block()
            self.lines()
            found = re.compile(r"(?i)(while|until)").match(self.text, self.at)
            if found is None:
                raise SyntaxFault
            self.at = found.end()
            self.expect("(")
            condition = yield self.statements(")")
            return Node("do", (condition, body, found[1].lower() == "until"), at)
        if word == "for":
            self.expect("(")
            parts: list[Node | None] = []
            for end in (";", ";", ")"):
                self.blank()
                if self.sees(end):
                    parts.append(None)
                else:
                    parts.append((yield self.statement()))
                self.blank()
                if not self.skip(end) and end == ")":
                    raise SyntaxFault
            body = yield self.block()
            return Node("for", (*parts, body), at)
        if word == "foreach":
            self.expect("(")
            self.blank()
            name = self.variable()
            self.blank()
            if self.text[self.at : self.at + 2].lower() != "in":
                raise SyntaxFault
            self.at += 2
            values = yield self.statements(")")
            body = yield self.block()
            return Node("foreach", (name, values, body), at)
        return (yield self._declaration(word, at))

    def _declaration(self, word: str, at: int) -> Walk:
        if word in ("function", "filter"):
            self.blank()
            named = _WORD.match(self.text, self.at)
            self.at = named.end() if named else self.at
            self.blank()
            parameters: tuple[Any, ...] = ()
            if self.skip("("):
                parameters = yield self._parameters()
            body = yield self.block()
            return Node("function", ((named[0] if named else "").lower().rpartition(":")[2], parameters, body), at)
        if word == "param":
            self.expect("(")
            return Node("param", ((yield self._parameters()),), at)
        if word == "try":
            body = yield self.block()
            handlers = []
            while found := re.compile(r"(?i)\s*(catch|finally)\s*(?:\[[^\]]{0,100}\]\s*,?\s*){0,8}(?=\{)").match(
                self.text, self.at
            ):
                self.at = found.end()
                handlers.append((yield self.block()))
            return Node("try", (body, *handlers), at)
        if word in ("begin", "process", "end", "trap"):
            return (yield self.block())
        self.blank()
        value = None
        if self.at < len(self.text) and self.text[self.at] not in ";}\r\n|":
            value = yield self.pipeline()
        return Node(word, (value,), at)

    def _else(self, at: int) -> Walk:
        found = re.compile(r"(?i)\s*(elseif|else)(?![\w-])").match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        if found[1].lower() == "else":
            return (yield self.block())
        self.expect("(")
        condition = yield self.statements(")")
        body = yield self.block()
        return Node("if", (condition, body, (yield self._else(at))), at)

    def _parameters(self) -> Walk:
        """Names and defaults up to the closing bracket."""
        out: list[tuple[str, Node | None]] = []
        while True:
            self.lines()
            if self.skip(")"):
                return tuple(out)
            if self.at >= len(self.text):
                raise SyntaxFault
            if self.sees("["):
                found = re.compile(r"\[[^\]\n]{0,400}\](?:\])?").match(self.text, self.at)
                if found is None:
                    raise SyntaxFault
                self.at = found.end()
                continue
            name = self.variable()
            self.blank()
            default = None
            if self.skip("="):
                default = yield self.expression(0)
            out.append((name, default))
            self.lines()
            self.skip(",")

    def pipeline(self) -> Walk:
        """Commands and expressions, one piped into the next; or an assignment."""
        at = self.at
        elements: list[Node] = []
        while True:
            if elements:
                self.lines()
            else:
                self.blank()
            elements.append((yield self._element()))
            self.blank()
            if not elements[1:] and elements[0].do in ("variable", "member", "index", "cast", "list"):
                found = _ASSIGN.match(self.text, self.at)
                if found is not None:
                    self.at = found.end()
                    self.lines()
                    value = yield self.statement()
                    return Node("assign", (elements[0], found[0][:-1], value), at)
            if self.sees("||") or self.sees("&&"):
                self.at += 2
                other = yield self.pipeline()
                return Node("block", (Node("pipe", tuple(elements), at), other), at)
            if not self.skip("|"):
                break
        return elements[0] if len(elements) == 1 else Node("pipe", tuple(elements), at)

    def _element(self) -> Walk:
        at = self.at
        mark = self.text[at : at + 1]
        if not mark:
            raise SyntaxFault
        if mark == "&" or (mark == "." and self.text[at + 1 : at + 2] in " \t($'\"{"):
            self.at += 1
            self.blank()
            callee = yield self._callee()
            return (yield self._command(callee, at))
        if mark in "$'([{@-+!," + DOUBLE or mark.isdigit() or mark in "\u2018\u2019\u2013\u2014":
            if mark in "-\u2013\u2014" and not re.compile(
                r"[-\u2013\u2014](?:[\d($ '\"\[.]|(?:c|i)?(?:join|split|not|bnot)(?![\w-]))", re.IGNORECASE
            ).match(self.text, at):
                return (yield self._command(self.bare(), at))
            number = NUMBER.match(self.text, at)
            if not mark.isdigit() or number is not None:
                return (yield self.expression(0))
        return (yield self._command(self.bare(), at))

    def bare(self) -> Node:
        """A word as it stands."""
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise SyntaxFault
        at, self.at = self.at, found.end()
        return Node("const", (re.sub(r"`(.)", r"\1", found[0], flags=re.DOTALL),), at)

    def _callee(self) -> Walk:
        """What ``&`` and ``.`` call."""
        if self.at < len(self.text) and self.text[self.at] in "$'({@" + DOUBLE:
            return (yield self.postfix())
        return self.bare()

    def _command(self, name: Node, at: int) -> Walk:
        """The arguments of a command."""
        args: list[Node] = []
        while True:
            self.blank()
            mark = self.text[self.at : self.at + 1]
            if not mark or mark in "|;)}\r\n&":
                break
            if redirected := re.compile(r"[\d*]?>>?(?:&\d)?|<").match(self.text, self.at):
                self.at = redirected.end()
                args.append(Node("redirect", (), self.at))
                continue
            if mark == ",":
                self.at += 1
                continue
            begun = self.at
            args.append((yield self._argument(mark)))
            if self.at == begun:
                raise SyntaxFault
        return Node("command", (name, tuple(args)), at)

    def _argument(self, mark: str) -> Walk:
        at = self.at
        if mark in "$'({@" + DOUBLE + "\u2018\u2019" or (mark == "[" and TYPE.match(self.text, at)):
            value = yield self.postfix()
        else:
            value = self.bare()
        pieces = [value]
        while self.at < len(self.text) and self.text[self.at] not in " \t\r\n|;)},&<>({":  # a"b"c is one argument
            begun = self.at
            mark = self.text[self.at]
            pieces.append((yield self.postfix()) if mark in "$'" + DOUBLE else self.bare())
            if self.at == begun:
                break
        out = pieces[0] if len(pieces) == 1 else Node("joined", tuple(pieces), at)
        items = [out]
        while True:
            self.blank()
            if not self.skip(","):
                break
            self.lines()
            mark = self.text[self.at : self.at + 1]
            items.append((yield self.postfix()) if mark in "$'({@[" + DOUBLE else self.bare())
        return out if len(items) == 1 else Node("list", tuple(items), at)
