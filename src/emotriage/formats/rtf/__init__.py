r"""Rich Text Format (RTF 1.9.1): objects, pictures, fields, templates and text, in one pass without recursion.

Destinations are followed as Word follows them, but nothing is skipped: what Word would not look at (``{\*\unknown``)
is looked at all the same, as a second reading of the data it stands in.
"""

import re
from dataclasses import dataclass, field, replace

from emotriage.formats.rtf import words
from emotriage.formats.rtf.data import HexData, Piece
from emotriage.formats.rtf.lexer import BINARY, CLOSE, HOLE, OPEN, QUOTED, SYMBOL, TEXT, WORD, Token, tokens
from emotriage.formats.rtf.text import Sink, codec_of, flat, resolved
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget

_DEEPEST = 200_000
_MOST = 10_000
_FIELDS = 50_000
_TOKENS = 2_500_000
_LEVELS = 9
_PIECES = 1_000_000
_TEXT = 2 * MIB
_CAPTURE = 64 << 10
_PROPERTY = 64
_SPACE = b" \t\r\n"
_DATA = re.compile(r"[0-9A-Fa-f]{32}")
_HEX = re.compile(rb"[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class EmbeddedObject:
    r"""One ``\object``: where it begins, the class it says it is, and its control words such as ``objupdate``."""

    offset: int
    class_name: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class RtfDocument:
    r"""What a document holds.

    Attributes:
        blob: the file.
        end: offset behind the brace that closes it, or the file's size.
        objects: in the order of the file.
        data: what is written in digits: objects, pictures, fonts, themes.
        fields: (offset, instruction) of each field; the text of fields inside stands in those around them.
        templates: (offset, path or address).
        fonts: how many fonts the font table declares.
        text: of the document, up to 2 MiB.
        crowded: (offset, what) of shapes and lists with more data than Word has room for.
        updates: offsets of ``\objupdate``, wherever it stands.
        anomalies: what could not be read, and headers that no writer writes.
    """

    blob: Blob
    end: int
    objects: tuple[EmbeddedObject, ...]
    data: tuple[HexData, ...]
    fields: tuple[tuple[int, str], ...]
    templates: tuple[tuple[int, str], ...]
    fonts: int
    text: str
    crowded: tuple[tuple[int, str], ...]
    updates: tuple[int, ...]
    anomalies: tuple[Anomaly, ...]


def read_rtf(blob: Blob, budget: Budget) -> RtfDocument:
    """Read a document; whatever its bytes, there is one."""
    reader = _Reader(budget)
    reader.header(blob.read(0, 64))
    for number, token in enumerate(tokens(blob, budget)):
        if number == _TOKENS:  # what stands before is kept, and judged
            reader.stop(token.start)
            break
        reader.take(token)
    return reader.finish(blob)


@dataclass(slots=True)
class _Data:
    """Data that is being collected."""

    what: str
    offset: int
    owner: int
    pieces: list[Piece] = field(default_factory=list)
    split: int = 0
    cut: bool = False


@dataclass(slots=True)
class _Object:
    offset: int
    sink: Sink | None = None
    words: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _State:
    """What a group inherits: where its text goes, and how its bytes are read."""

    to: Sink | _Data | None
    sort: str = "n"
    fonts: bool = False
    owner: int = -1
    codec: str = ""
    skip: int = 1


class _Reader:
    """One pass over the tokens."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._body = Sink(0, _TEXT)
        self._stack: list[tuple[_State, int]] = []  # groups that share a state are counted, not kept
        self._state, self._depth = _State(self._body), 1
        self._codec = "cp1252"
        self._charsets: dict[int, str] = {}
        self._font, self._fonts = 0, 0
        self._star, self._skipped = False, 0
        self._pieces, self._end = 0, 0
        self._objects: list[_Object] = []
        self._data: list[_Data] = []
        self._captured: dict[str, list[Sink]] = {"fldinst": [], "template": [], "sv": []}
        self._property: Sink | None = None
        self._crowded: list[tuple[int, str]] = []
        self._updates: list[int] = []
        self._anomalies: dict[str, Anomaly] = {}

    def header(self, head: bytes) -> None:
        """Remark on a beginning that no writer writes; Word wants no more than the first four bytes."""
        if not head.startswith(b"{\\rtf1"):
            self._remark("header", 0, incomplete=False)

    def stop(self, offset: int) -> None:
        """Remark that nothing behind an offset was read."""
        self._remark("too-many-tokens", offset)
        self._end = 0

    def take(self, token: Token) -> None:
        """The next token."""
        kind = token.kind
        if kind == TEXT:
            self._text(token.word, token.start, token.stop)
        elif kind == WORD:
            self._word(token)
        elif kind == QUOTED:
            self._quoted(token)
        elif kind == OPEN:
            self._open(token.stop - token.start)
        elif kind == CLOSE:
            self._close(token.stop - token.start, token.stop)
        elif kind == SYMBOL:
            self._symbol(token)
        elif kind == BINARY:
            self._binary(token)
        elif kind == HOLE:
            self._filler(token)

    def finish(self, blob: Blob) -> RtfDocument:
        """All that was seen."""
        captured = {name: resolved(sinks, _CAPTURE, self._budget) for name, sinks in self._captured.items()}
        if cut := [one for sinks in self._captured.values() for one in sinks if one.full]:
            self._remark("field-cut", cut[0].offset)
        if not self._end:
            self._remark("not-closed", blob.size)
        return RtfDocument(
            blob,
            _behind(blob, self._end) if self._end else blob.size,
            tuple(EmbeddedObject(one.offset, flat(one.sink), frozenset(one.words)) for one in self._objects),
            tuple(
                HexData(one.what, one.offset, tuple(one.pieces), one.owner, one.split, one.cut) for one in self._data
            ),
            captured["fldinst"],
            captured["template"],
            self._fonts,
            flat(self._body),
            (*self._crowded, *((at, "shape with pFragments") for at, text in captured["sv"] if _DATA.search(text))),
            tuple(self._updates),
            tuple(self._anomalies.values()),
        )

    def _remark(self, code: str, offset: int, *, incomplete: bool = True) -> None:
        self._anomalies.setdefault(code, Anomaly(code, offset=offset, incomplete=incomplete))

    def _open(self, count: int) -> None:
        self._depth += count
        self._star, self._skipped = False, 0

    def _close(self, count: int, stop: int) -> None:
        self._star, self._skipped = False, 0
        while count:
            taken = min(count, self._depth)
            self._depth -= taken
            count -= taken
            if self._depth:
                break
            if not self._stack:  # more braces close than open: Word ends here
                self._depth = 1
                break
            self._state, self._depth = self._stack.pop()
        if not self._stack and self._depth == 1 and not self._end:
            self._end = stop  # what follows is read all the same

    def _become(self, state: _State) -> None:
        """The innermost group gets a state of its own."""
        if self._depth > 1:
            if len(self._stack) >= _DEEPEST:
                self._remark("too-deep", self._end)
                return
            self._stack.append((self._state, self._depth - 1))
            self._depth = 1
        self._state = state

    def _word(self, token: Token) -> None:
        word, star, state = token.word, self._star, self._state
        self._star, self._skipped = False, 0
        if isinstance(state.to, _Data):
            state.to.split += 1
        if word in words.DATA:
            self._begin_data(token)
        elif word in words.CAPTURED:
            self._capture(token)
        elif word in words.OBJECT_WORDS:
            self._object_word(token)
        elif word == b"object":
            if len(self._objects) >= _MOST:
                self._remark("too-many-objects", token.start)
                return
            self._objects.append(_Object(token.start))
            self._become(replace(state, owner=len(self._objects) - 1))
        elif word in (b"sn", b"sv"):
            self._shape_property(token)
        elif word in words.HIDDEN or (star and word not in words.TRANSPARENT):
            other = replace(state, sort="x") if isinstance(state.to, _Data) else replace(state, to=None)
            self._become(replace(other, fonts=word == b"fonttbl" or (state.fonts and word not in words.HIDDEN)))
        elif word in words.PICTURES and isinstance(state.to, _Data) and state.to.what == "pict":
            state.to.what = word.decode()
            state.to.split -= 1
        else:
            self._format(token)

    def _begin_data(self, token: Token) -> None:
        if len(self._data) >= _MOST:
            self._remark("too-many-data", token.start)
            return
        found = _Data(token.word.decode(), token.start, self._state.owner)
        self._data.append(found)
        self._become(replace(self._state, to=found, sort="n"))

    def _capture(self, token: Token) -> None:
        name, outer = token.word.decode(), self._state.to
        sinks = self._captured.get(name)
        if len(sinks or ()) >= _FIELDS:
            self._remark("too-many-fields", token.start)
            return
        sink = Sink(token.start, _CAPTURE)
        if sinks is None:
            if self._state.owner >= 0:
                self._objects[self._state.owner].sink = sink
        else:
            if name == "fldinst" and isinstance(outer, Sink) and outer is not self._body:
                outer.place(sink)
            sinks.append(sink)
        self._become(replace(self._state, to=sink))

    def _shape_property(self, token: Token) -> None:
        """Of all properties of shapes, only the one that overflows is kept."""
        if isinstance(self._state.to, _Data):
            self._become(replace(self._state, sort="x"))
        elif token.word == b"sn":
            self._property = Sink(token.start, _PROPERTY)
            self._become(replace(self._state, to=self._property))
        elif flat(self._property).lower() == "pfragments" and len(self._captured["sv"]) < _MOST:
            value = Sink(token.start, _CAPTURE)
            self._captured["sv"].append(value)
            self._become(replace(self._state, to=value))
        else:
            self._become(replace(self._state, to=None))

    def _object_word(self, token: Token) -> None:
        name = token.word.decode()
        if name == "objupdate" and len(self._updates) < _MOST:
            self._updates.append(token.start)
        if self._state.owner >= 0:
            self._objects[self._state.owner].words.add(name)

    def _format(self, token: Token) -> None:
        """Control words of fonts and characters."""
        word, number, state = token.word, token.number, self._state
        if word == b"u" and number is not None:
            if isinstance(state.to, Sink):
                state.to.write(chr(number & 0xFFFF))
                self._skipped = state.skip
        elif word == b"f" and number is not None:
            if state.fonts:
                self._fonts += 1
                self._font = number
            elif (codec := self._charsets.get(number, "")) != state.codec:
                self._become(replace(state, codec=codec))
        elif word == b"fcharset" and state.fonts and number in words.CHARSETS and len(self._charsets) < _MOST:
            self._charsets[self._font] = words.CHARSETS[number]
        elif word == b"uc" and number is not None and number != state.skip:
            self._become(replace(state, skip=min(max(number, 0), 1 << 16)))
        elif word == b"listoverridecount" and number is not None and number > _LEVELS:
            self._crowded.append((token.start, f"list of {number} overrides"))
            del self._crowded[_MOST:]
        elif word == b"ansicpg":
            self._codec = codec_of(number)
        elif word in (b"mac", b"pc", b"pca"):
            self._codec = {b"mac": "mac-roman", b"pc": "cp437", b"pca": "cp850"}[word]
        elif word == b"fldrslt" and isinstance(state.to, Sink) and state.to is not self._body:
            self._become(replace(state, to=None))  # the result of a field in another's instruction
        elif isinstance(state.to, Sink) and (text := words.BREAKS.get(word) or words.CHARACTERS.get(word)):
            state.to.write(text)

    def _text(self, raw: bytes, start: int, stop: int) -> None:
        to = self._state.to
        if isinstance(to, _Data):
            self._piece(to, start, stop, self._state.sort)
        elif to is not None and (text := raw.translate(None, b"\r\n\0")):
            taken = min(self._skipped, len(text))
            self._skipped -= taken
            to.feed(text[taken:], self._state.codec or self._codec)
        if not self._star or raw.strip(_SPACE):
            self._star = False

    def _quoted(self, token: Token) -> None:
        to = self._state.to
        if isinstance(to, _Data):
            to.split += 1
            self._piece(to, token.start + 2, token.stop, "q")
        elif self._skipped:
            self._skipped -= 1
        elif to is not None and _HEX.fullmatch(token.word):
            to.feed(bytes.fromhex(token.word.decode()), self._state.codec or self._codec)

    def _symbol(self, token: Token) -> None:
        to, symbol = self._state.to, token.word
        if symbol == b"*":
            self._star = True
            return
        if self._star and isinstance(to, _Data):  # a destination without a name is one that nobody knows
            self._become(replace(self._state, sort="x"))
        self._star = False
        if isinstance(to, _Data):
            to.split += 1
        elif to is not None and symbol in (b"\\", b"{", b"}", b"~", b"_", b"\n", b"\r", b"\r\n", b"\t"):
            to.write({b"~": "\u00a0", b"_": "-"}.get(symbol, symbol.decode("latin-1")))

    def _binary(self, token: Token) -> None:
        to = self._state.to
        if isinstance(to, _Data):
            to.cut = to.cut or token.short
            to.split += 0 if to.what != "objdata" else 1
            self._piece(to, token.start, token.stop, "b")
        elif token.short:
            self._remark("binary-cut", token.start)

    def _filler(self, token: Token) -> None:
        count, byte = token.stop - token.start, token.number
        if byte == ord("{"):
            self._open(count)
        elif byte == ord("}"):
            self._close(count, token.stop)
        elif isinstance(self._state.to, _Data):
            self._piece(self._state.to, token.start, token.stop, self._state.sort)

    def _piece(self, to: _Data, start: int, stop: int, sort: str) -> None:
        if to.pieces and to.pieces[-1][1] == start and to.pieces[-1][2] == sort and sort != "q":
            to.pieces[-1] = (to.pieces[-1][0], stop, sort)
            return
        if self._pieces >= _PIECES:
            to.cut = True
            return
        self._pieces += 1
        to.pieces.append((start, stop, sort))


def _behind(blob: Blob, end: int) -> int:
    """Offset behind the line end or zero that writers put behind the last brace."""
    tail = blob.read(end, 4)
    return end + len(tail) - len(tail.lstrip(b"\r\n\0"))
