"""PowerShell's expressions read into trees: Language Specification 3.0, chapters 2 and 7."""

import re
from abc import ABC, abstractmethod

from emotriage.emulation.powershell.nodes import Node, SyntaxFault, Walk
from emotriage.model.limits import Budget

_BLANK = re.compile(r"(?:[ \t\v\f\u00a0]|`[ \t]*\r?\n|#[^\r\n]*|<#.*?(?:#>|\Z))*", re.DOTALL)
_LINES = re.compile(r"(?:[\s;\ufeff\0]|`[ \t]*\r?\n|#[^\r\n]*|<#.*?(?:#>|\Z))*", re.DOTALL)
_VARIABLE = re.compile(r"[$@](?:\{([^}\n]{1,400})\}|((?:[A-Za-z]\w{0,40}:)?[\w?]{1,200})|([$^?]))")
NUMBER = re.compile(r"(0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?:[lLdD]|([kKmMgG])[bB])?(?![\w.]*[A-Za-z_])")
TYPE = re.compile(r"\[([\w.+`]{1,200}(?:\[[\w.,\s\[\]]{0,100}\])?)\]")
_HERE = re.compile(r"@(['\"])[ \t]*\r?\n(.*?)\r?\n\1@", re.DOTALL)
_SINGLE = re.compile(
    r"['\u2018\u2019\u201a\u201b]((?:[^'\u2018\u2019\u201a\u201b]|['\u2018\u2019\u201a\u201b]{2})*)['\u2018\u2019\u201a\u201b]"
)
_PLAIN = re.compile(r"[^\"$`\u201c\u201d\u201e]+")
DOUBLE = '"\u201c\u201d\u201e'
_OPERATOR = re.compile(r"[-\u2013\u2014]([A-Za-z]{1,12})(?![\w-])")
_MEMBER = re.compile(r"(?:[A-Za-z_]|`\w)(?:\w|`\w){0,200}")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_COMPARE = frozenset(
    {"eq", "ne", "gt", "lt", "ge", "le", "like", "notlike", "match", "notmatch", "replace", "contains", "notcontains",
     "in", "notin", "split", "join", "is", "isnot", "as"}
)  # fmt: skip
_LEVELS = (frozenset({"and", "or", "xor"}), frozenset({"band", "bor", "bxor", "shl", "shr"}))


class Expressions(ABC):
    """A text whose expressions are being read.

    Attributes:
        text: it.
        at: offset of what comes next.
    """

    def __init__(self, text: str, budget: Budget) -> None:
        self.text = text
        self.at = 0
        self.budget = budget

    def blank(self) -> None:
        """Skip blanks and comments."""
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def lines(self) -> None:
        """Skip blanks, comments, ends of lines and semicolons."""
        found = _LINES.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def sees(self, word: str) -> bool:
        """True when these signs come next."""
        return self.text.startswith(word, self.at)

    def skip(self, word: str) -> bool:
        """Read signs if they come next."""
        if self.sees(word):
            self.at += len(word)
            return True
        return False

    def expect(self, word: str) -> None:
        """Read signs that must come next, after blanks and lines."""
        self.lines()
        if not self.skip(word):
            raise SyntaxFault

    @abstractmethod
    def statements(self, end: str) -> Walk:
        """Statements up to a closing sign; script blocks and subexpressions hold those."""

    @abstractmethod
    def statement(self) -> Walk:
        """One statement."""

    def variable(self) -> str:
        """Read a variable that must come next; its lower-case name."""
        found = _VARIABLE.match(self.text, self.at)
        if found is None:
            raise SyntaxFault
        self.at = found.end()
        return (found[1] or found[2] or found[3]).replace("`", "").lower()

    def expression(self, level: int) -> Walk:
        """Operators, weakest first."""
        at = self.at
        if level == 6:
            return (yield self._range())
        left = yield self.expression(level + 1)
        while True:
            self.blank()
            word = self._sign(level)
            if not word:
                return left
            self.lines()
            right = yield self.expression(level + 1)
            left = Node("binary", (word, left, right), at)

    def _sign(self, level: int) -> str:
        """Read an operator of a level, or nothing."""
        mark = self.text[self.at : self.at + 1]
        if level == 3:
            if (
                mark in "+\u2013-"
                and mark
                and not _OPERATOR.match(self.text, self.at)
                and self.text[self.at + 1 : self.at + 2] not in ("=", "+", "-")
            ):
                self.at += 1
                return "+" if mark == "+" else "-"
            return ""
        if level == 4:
            if mark and mark in "*/%" and self.text[self.at + 1 : self.at + 2] != "=":
                self.at += 1
                return mark
            return ""
        found = _OPERATOR.match(self.text, self.at)
        if found is None:
            return ""
        word = found[1].lower()
        if level == 5:
            matches = word == "f"
        elif level == 2:
            matches = word in _COMPARE or (word[:1] in "ci" and word[1:] in _COMPARE)
            word = word if word in _COMPARE else word[1:]
        else:
            matches = word in _LEVELS[level]
        if not matches:
            return ""
        self.at = found.end()
        return word

    def _range(self) -> Walk:
        at = self.at
        left = yield self._unary()
        self.blank()
        if self.skip(".."):
            self.blank()
            return Node("range", (left, (yield self._unary())), at)
        return left

    def _unary(self) -> Walk:
        self.lines()
        at = self.at
        if self.skip("!"):
            return Node("unary", ("not", (yield self._unary())), at)
        if self.skip("++") or self.skip("--"):
            return (yield self._unary())
        if self.skip(","):
            return Node("list", ((yield self._unary()),), at)
        found = _OPERATOR.match(self.text, at)
        if found is not None:
            word = found[1].lower()
            word = word if word in ("not", "bnot", "join", "split") else word[1:]
            if word in ("not", "bnot", "join", "split"):
                self.at = found.end()
                return Node("unary", (word, (yield self._unary())), at)
        if self.text[at : at + 1] in ("-", "+", "\u2013") and self.text[at : at + 1]:
            self.at += 1
            return Node("unary", (self.text[at] if self.text[at] == "+" else "-", (yield self._unary())), at)
        first = yield self._cast()
        items = [first]
        while True:
            begun = self.at
            self.blank()
            if not self.skip(","):
                self.at = begun
                break
            self.lines()
            items.append((yield self._cast()))
        return first if len(items) == 1 else Node("list", tuple(items), at)

    def _cast(self) -> Walk:
        at = self.at
        found = TYPE.match(self.text, at)
        if found is not None and self.text[found.end() : found.end() + 1] not in (".", ":"):
            self.at = found.end()
            self.blank()
            mark = self.text[self.at : self.at + 1]
            if mark and (mark in "$'([@-+{" + DOUBLE or mark.isdigit()):
                return Node("cast", (found[1].lower(), (yield self._cast() if mark not in "-+" else self._unary())), at)
            return Node("type", (found[1].lower(),), at)
        return (yield self.postfix())

    def postfix(self) -> Walk:
        """A primary with its members, items and calls."""
        at = self.at
        value = yield self._primary()
        while True:
            if self.skip("::") or (self.sees(".") and not self.sees("..") and self._member_follows()):
                static = self.text[self.at - 1] == ":"
                if not static:
                    self.at += 1
                self.lines()
                name = yield self._member_name()
                self_at = self.at
                if self.skip("("):
                    args = yield self._call_arguments()
                    value = Node("invoke", (value, name, args, static), at)
                else:
                    self.at = self_at
                    value = Node("member", (value, name, static), at)
            elif self.sees("["):
                self.at += 1
                self.lines()
                index = yield self.expression(0)
                self.expect("]")
                value = Node("index", (value, index), at)
            elif (self.sees("++") or self.sees("--")) and value.do == "variable":
                value = Node("bump", (value.parts[0], 1 if self.sees("++") else -1), at)
                self.at += 2
            else:
                return value

    def _member_follows(self) -> bool:
        mark = self.text[self.at + 1 : self.at + 2]
        return bool(mark) and (mark.isalpha() or mark in "_$('`" + DOUBLE)

    def _member_name(self) -> Walk:
        mark = self.text[self.at : self.at + 1]
        if mark in "$('" + DOUBLE and mark:
            return (yield self._primary())
        found = _MEMBER.match(self.text, self.at)
        if found is None:
            raise SyntaxFault
        at, self.at = self.at, found.end()
        return Node("const", (found[0].replace("`", ""),), at)

    def _call_arguments(self) -> Walk:
        args: list[Node] = []
        while True:
            self.lines()
            if self.skip(")"):
                return tuple(args)
            if self.at >= len(self.text):
                raise SyntaxFault
            value = yield self.expression(0)
            args.extend(value.parts if value.do == "list" else (value,))
            self.lines()
            if not self.skip(",") and not self.sees(")"):
                raise SyntaxFault

    def _primary(self) -> Walk:
        at = self.at
        text = self.text
        mark = text[at : at + 1]
        if (here := _HERE.match(text, at)) is not None:
            self.at = here.end()
            return Node("const", (here[2],), at) if here[1] == "'" else (yield self._expanded_all(here[2], at))
        if mark and mark in "'\u2018\u2019":
            found = _SINGLE.match(text, at)
            if found is None:
                raise SyntaxFault
            self.at = found.end()
            return Node("const", (found[1].replace("''", "'"),), at)
        if mark and mark in DOUBLE:
            self.at += 1
            return (yield self.expandable(at, ends=True))
        if self.skip("$(") or self.skip("@("):
            return Node("array" if mark == "@" else "group", ((yield self.statements(")")),), at)
        if self.skip("@{"):
            return (yield self._table(at))
        if self.skip("("):
            return Node("group", ((yield self.statements(")")),), at)
        if self.skip("{"):
            body = yield self.statements("}")
            return Node("script", (body, text[at + 1 : self.at - 1]), at)
        if mark in ("$", "@") and mark:
            return Node("variable", (self.variable(),), at)
        if (named := TYPE.match(text, at)) is not None:
            self.at = named.end()
            return Node("type", (named[1].lower(),), at)
        if (number := NUMBER.match(text, at)) is not None:
            self.at = number.end()
            return Node("const", (_number(number),), at)
        raise SyntaxFault

    def _expanded_all(self, text: str, at: int) -> Walk:
        inner = type(self)(text, self.budget)
        return (yield inner.expandable(at, ends=False))

    def expandable(self, at: int, *, ends: bool) -> Walk:
        """A text in which variables and subexpressions are filled in."""
        pieces: list[Node] = []
        while self.at < len(self.text):
            if (plain := _PLAIN.match(self.text, self.at)) is not None:
                pieces.append(Node("const", (plain[0],), self.at))
                self.at = plain.end()
                continue
            mark = self.text[self.at]
            if mark == "`":
                letter = self.text[self.at + 1 : self.at + 2]
                pieces.append(Node("const", (_ESCAPES.get(letter, letter),), self.at))
                self.at += 2
            elif mark == "$" and self.sees("$("):
                self.at += 2
                pieces.append(Node("group", ((yield self.statements(")")),), self.at))
            elif mark == "$" and _VARIABLE.match(self.text, self.at):
                pieces.append(Node("variable", (self.variable(),), self.at))
            elif mark in DOUBLE and ends:
                self.at += 1
                if self.text[self.at : self.at + 1] != mark:
                    return Node("joined", tuple(pieces), at)
                pieces.append(Node("const", (mark,), self.at))
                self.at += 1
            else:
                pieces.append(Node("const", (mark,), self.at))
                self.at += 1
        if ends:
            raise SyntaxFault
        return Node("joined", tuple(pieces), at)

    def _table(self, at: int) -> Walk:
        pairs: list[tuple[Node, Node]] = []
        while True:
            self.lines()
            if self.skip("}"):
                return Node("table", tuple(pairs), at)
            mark = self.text[self.at : self.at + 1]
            key = (yield self.postfix()) if mark and mark in "$'([" + DOUBLE else self._bare_key()
            self.expect("=")
            self.lines()
            pairs.append((key, (yield self.statement())))

    def _bare_key(self) -> Node:
        found = re.compile(r"[\w.-]{1,200}").match(self.text, self.at)
        if found is None:
            raise SyntaxFault
        at, self.at = self.at, found.end()
        return Node("const", (found[0],), at)


def _number(found: "re.Match[str]") -> float:
    digits = found[1]
    value: float = (
        int(digits, 16) if digits[:2] in ("0x", "0X") else float(digits) if not digits.isdigit() else int(digits[:40])
    )
    return value * {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}.get((found[2] or "").lower(), 1)
