"""VBA expressions as code for a stack machine: operator precedence without recursion ([MS-VBAL] 5.6)."""

from typing import NamedTuple

from emotriage.emulation.vba.lexer import Token
from emotriage.emulation.vba.values import MISSING, Missing, Value


class Op(NamedTuple):
    """One instruction.

    Attributes:
        do: what: ``push``, ``name``, ``member``, ``with``, ``call``, ``invoke``, ``index``, ``new``, ``unary``,
            ``binary``, ``named``, and the statements of `emulation.vba.compiler`.
        what: a name or operator.
        operand: number of arguments, or a place to jump to.
        at: offset in the module's code.
        number: of the block that the instruction belongs to.
        value: that is pushed.
        within: numbers of the conditions around the instruction.
        names: of the variables that the arguments are, empty for those that are something else: a call may change them.
    """

    do: str
    what: str = ""
    operand: int = 0
    at: int = 0
    number: int = 0
    value: Value | Missing = None
    within: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


class _Pending(NamedTuple):
    """Something on the operator stack: an operator, or an open parenthesis and what it belongs to."""

    what: str
    rank: int
    at: int
    do: str


_BINARY = {
    "imp": 1, "eqv": 2, "xor": 3, "or": 4, "and": 5, "=": 7, "<>": 7, "<": 7, ">": 7, "<=": 7, ">=": 7, "like": 7,
    "is": 7, "&": 8, "+": 9, "-": 9, "mod": 10, "\\": 11, "*": 12, "/": 12, "^": 14,
}  # fmt: skip
_NOT, _SIGN = 6, 13
_WORDS: dict[str, Value] = {"true": True, "false": False, "nothing": None, "empty": None, "null": None}
_SKIPPED = frozenset({"byval", "byref", "addressof", "typeof", "optional", "paramarray"})


_OPERATORS = ("binary", "unary", "named")


def variable_in(out: list[Op], start: int) -> str:
    """The variable that the code from there on is and nothing else, with ``()`` for an element of one."""
    if len(out) - start == 1 and out[start].do == "name":
        return out[start].what
    return f"{out[-1].what}()" if len(out) - start == 2 and out[-1].do == "call" else ""


def compile_expression(tokens: list[Token], start: int, stop: int, out: list[Op]) -> int:
    """Append the code of one expression; returns the index of the first token that does not belong to it.

    Args:
        tokens: of the statement.
        start: index of the expression's first token.
        stop: index behind the last that may belong to it.
        out: takes the instructions; the machine is left with one more value.
    """
    reader = _Reader(tokens, start, stop, out)
    while reader.index < stop and reader.token():
        reader.index += 1
    reader.finish()
    return reader.index


class _Reader:
    """Reads one expression; each method answers False at a token that does not belong to it."""

    def __init__(self, tokens: list[Token], start: int, stop: int, out: list[Op]) -> None:
        self.tokens = tokens
        self.index = start
        self.stop = stop
        self.out = out
        self.stack: list[_Pending] = []
        self.arguments: list[list[str]] = []  # of each open parenthesis the names that its arguments are
        self.begins: list[int] = []  # and where the code of its last one begins
        self.complete = False  # an operand stands just before

    def sign(self, ahead: int, text: str) -> bool:
        """True when an operator stands so many tokens ahead."""
        at = self.index + ahead
        return at < self.stop and self.tokens[at].text == text and self.tokens[at].kind == "operator"

    def emit(self, op: Op) -> bool:
        """Append an operand."""
        self.out.append(op)
        self.complete = True
        return True

    def token(self) -> bool:
        """Read one token."""
        token = self.tokens[self.index]
        if self.complete:
            return self.behind(token)
        if token.kind == "text":
            return self.emit(Op("push", value=token.text, at=token.at))
        if token.kind == "number":
            return self.emit(Op("push", value=token.value, at=token.at))
        return self.word(token) if token.kind == "name" else self.before(token)

    def word(self, token: Token) -> bool:
        """A name where an operand is due."""
        text, at = token.text, token.at
        if text == "not":
            self.stack.append(_Pending("not", _NOT, at, "unary"))
        elif text in _SKIPPED:
            pass
        elif self.sign(1, ":="):
            self.stack.append(_Pending(text, 0, at, "named"))
            self.index += 1
        elif text == "new" and self.index + 1 < self.stop:
            self.index += 1
            while self.sign(1, ".") and self.index + 2 < self.stop:
                self.index += 2
            return self.emit(Op("new", self.tokens[self.index].text, at=at))
        elif text in _BINARY:
            return False
        elif not self.sign(1, "("):
            return self.emit(Op("push", value=_WORDS[text], at=at) if text in _WORDS else Op("name", text, at=at))
        else:
            self.index += 1
            self.open(_Pending(text, 0, at, "call"))
        return True

    def before(self, token: Token) -> bool:
        """A sign where an operand is due."""
        text, at = token.text, token.at
        if text in ("-", "+"):
            self.stack.append(_Pending(text, _SIGN, at, "unary"))
        elif text == "(":
            self.open(_Pending("(", 0, at, "group"))
        elif text in (".", "!"):
            self.out.append(Op("with", at=at))
            self.complete = True
            return self.behind(token)
        elif text in (",", ")") and self.arguments:
            self.out.append(Op("push", value=MISSING, at=at))
            self.complete = True
            return self.behind(token)
        else:
            return text == "#"  # a file number, or a date
        return True

    def behind(self, token: Token) -> bool:
        """What may follow an operand."""
        text, at = token.text, token.at
        if token.kind == "operator" and text in (".", "!"):
            return self.follow(at)
        if token.kind == "operator" and text == "(":
            self.open(_Pending("", 0, at, "index"))
        elif token.kind == "operator" and text in (",", ")"):
            if not self.arguments:
                return False
            if text == ")":
                self.close()
            else:
                self.unwind(0)
                self.argument()
                self.complete = False
        elif token.kind != "text" and text in _BINARY:
            self.unwind(_BINARY[text])
            self.stack.append(_Pending(text, _BINARY[text], at, "binary"))
            self.complete = False
        else:
            return False
        return True

    def follow(self, at: int) -> bool:
        """``.name`` behind an operand."""
        if self.index + 1 >= self.stop or self.tokens[self.index + 1].kind != "name":
            return False
        self.index += 1
        name = self.tokens[self.index].text
        if not self.sign(1, "("):
            return self.emit(Op("member", name, at=at))
        self.index += 1
        self.open(_Pending(name, 0, at, "invoke"))
        return True

    def open(self, pending: _Pending) -> None:
        """An open parenthesis; one that closes at once has no arguments."""
        if self.sign(1, ")") and pending.do != "group":
            self.index += 1
            self.emit(Op(pending.do, pending.what, 0, pending.at))
            return
        self.stack.append(pending)
        self.arguments.append([])
        self.begins.append(len(self.out))
        self.complete = False

    def argument(self) -> None:
        """One more argument is compiled."""
        self.arguments[-1].append(variable_in(self.out, self.begins[-1]))
        self.begins[-1] = len(self.out)

    def unwind(self, rank: int) -> None:
        """Emit the operators that bind as strongly as `rank` or more, up to an open parenthesis."""
        while self.stack and self.stack[-1].do in _OPERATORS and self.stack[-1].rank >= rank:
            one = self.stack.pop()
            self.out.append(Op(one.do, one.what, at=one.at))

    def close(self) -> None:
        """Close the innermost parenthesis."""
        self.unwind(0)
        one = self.stack.pop()
        self.argument()
        self.begins.pop()
        names = self.arguments.pop()
        if one.do == "group":
            self.out += [Op("binary", ",") for _ in range(len(names) - 1)]
        else:
            self.out.append(Op(one.do, one.what, len(names), one.at, names=tuple(names)))
        self.complete = True

    def finish(self) -> None:
        """Emit what is left open."""
        if not self.complete:
            self.out.append(Op("push", value=MISSING))
        while self.stack:
            if self.arguments and self.stack[-1].do not in _OPERATORS:
                self.close()
            else:
                self.unwind(0)
