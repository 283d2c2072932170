"""XML parts, streamed through expat within bounds: no document type, no entities, no tree (XML 1.0, XML Namespaces).

::

    for tag, attributes, text in iter_elements(chunks, budget):
        if tag == "definedName" and "hidden" in attributes: ...
"""

from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget
from emotriage.model.padding import is_uniform

_FEED = 64 << 10
_TOKEN_BYTES = 16 << 20  # one tag or comment; expat keeps it whole
_KEPT_OF_A_RUN = 4096
_INSTRUCTIONS = 64  # different ones before a root; no honest document has more than two or three
_TARGET = 64
_OPEN_ELEMENTS = 16  # times the depth that is reported: past that, expat's own stack is the danger
_HARMLESS_TYPES = "-//OpenOffice.org//DTD "
"""Document types that office programs write before every macro and manifest, and that nobody looks up."""
_RELATIONSHIPS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)


class Tag(str):
    """The local name of an element; its namespace is in `uri`."""

    __slots__ = ("uri",)
    uri: str


class Element(NamedTuple):
    """An element when it ends.

    Attributes:
        tag: its local name, with the namespace as `tag.uri`.
        attributes: by local name; those of the relationships namespace as ``r:id`` and so on, whatever their prefix.
            Of two that share a local name, the one without a namespace has it.
        text: the text directly in it, at most `Limits.string_bytes` characters.
    """

    tag: Tag
    attributes: dict[str, str]
    text: str


class Event(NamedTuple):
    """An element when it starts (without text) or ends."""

    start: bool
    element: Element


class Opening(NamedTuple):
    """What stands before the content of a document.

    Attributes:
        root: the root element's name, or None where it can't be read up to there.
        instructions: lower-case targets of the processing instructions before it, each once.
        document_type: there is a document type declaration; the root is not read then.
    """

    root: Tag | None
    instructions: tuple[str, ...]
    document_type: bool


def read_opening(chunks: Iterable[bytes], budget: Budget) -> Opening:
    """Read to the root element, whatever comments and blanks stand before it; no further.

    Raises:
        FormatError: what `chunks` raises.
    """
    reader = _Reader(budget, opening=True)
    for chunk in _feeds(chunks):
        budget.spend(len(chunk))
        reader.feed(chunk)
        if reader.stopped:
            break
    else:
        reader.finish()
    root = next((event.element.tag for event in reader.take()), None)
    too_many = len(reader.instructions) >= _INSTRUCTIONS
    document_type = any(one.code == "xml-dtd" for one in reader.problems)
    return Opening(None if too_many else root, tuple(reader.instructions), document_type)


def read_document_opening(blob: Blob, budget: Budget) -> Opening:
    """The opening of a whole document, as a view: read once for all who want to know what it is.

    Raises:
        FormatError: what reading the blob raises.
    """
    return read_opening((window for _, window in blob.windows()), budget)


def iter_elements(chunks: Iterable[bytes], budget: Budget, found: list[Anomaly] | None = None) -> Iterator[Element]:
    """The elements of a part as they end: children before their parents. See `iter_events`."""
    return (event.element for event in iter_events(chunks, budget, found, starts=()))


def iter_events(
    chunks: Iterable[bytes],
    budget: Budget,
    found: list[Anomaly] | None = None,
    *,
    starts: Container[str] | None = None,
    ends: Container[str] | None = None,
) -> Iterator[Event]:
    """The starts and ends of the elements of a part, in document order.

    Args:
        chunks: the part's bytes, in pieces of any size.
        budget: charged for bytes and elements.
        found: takes what could not be read (``xml-dtd``, ``xml-malformed``, ``xml-depth``, ``xml-text-cut``, all of
            them incomplete); with it, such a part ends early instead of raising.
        starts: local names of the elements whose start is wanted; None is all. The fewer, the faster.
        ends: the same of their end.

    Raises:
        Malformed: the part is no well-formed XML, has a document type, or is beyond the limits; what came before has
            been yielded.
        FormatError: what `chunks` raises, with or without `found`.
    """
    reader = _Reader(budget, starts=starts, ends=ends)
    for chunk in _feeds(chunks):
        budget.spend(len(chunk))
        reader.feed(chunk)
        yield from reader.take()
        if reader.problems and reader.stopped:
            break
    else:
        reader.finish()
        yield from reader.take()
    if reader.problems and found is None:
        raise Malformed(reader.problems[0].where)
    if found is not None:
        found.extend(reader.problems)


def _feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces of at most 64 KiB, long uniform ones shortened: padding inside a part must not cost expat anything."""
    for chunk in chunks:
        for at in range(0, len(chunk), _FEED):
            piece = chunk[at : at + _FEED] if len(chunk) > _FEED else chunk
            if len(piece) == _FEED and (is_uniform(piece) or piece == piece[:2] * (_FEED // 2)):
                piece = piece[:_KEPT_OF_A_RUN]
            yield piece


class _Open:
    """An element that has started: its text so far, and how much more of it is kept."""

    __slots__ = ("attributes", "pieces", "room", "tag")

    def __init__(self, tag: Tag, attributes: dict[str, str], room: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.room = room
        self.pieces: list[str] = []


_new = tuple.__new__
"""Makes a named tuple in a third of the time that its class takes: there are two for every tag of a document."""


class _Stop(Exception):
    """Leaves expat from inside a handler."""


class _Reader:
    """One expat parser and the events it has produced."""

    def __init__(
        self,
        budget: Budget,
        *,
        opening: bool = False,
        starts: Container[str] | None = None,
        ends: Container[str] | None = None,
    ) -> None:
        self.problems: list[Anomaly] = []
        self.stopped = False
        self.instructions: dict[str, None] = {}
        self._opening = opening
        self._starts = starts
        self._ends = ends
        self._unwanted = 0
        self._budget = budget
        self._depth_limit = budget.limits.xml_depth
        self._text_limit = budget.limits.string_bytes
        self._events: list[Event] = []
        self._open: list[_Open] = []
        self._depth = 0
        self._pending: list[bytes] = []
        self._waiting = 0
        self._fed = 0
        self._wait = 0
        self._tags: dict[str, Tag] = {}
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        if opening:
            parser.ProcessingInstructionHandler = self._instruction
        self._parser = parser

    def feed(self, piece: bytes) -> None:
        """Parse on. A token that does not end is only tried again when twice as much of it is there (linear time)."""
        self._pending.append(piece)
        self._waiting += len(piece)
        if self._waiting < self._wait:
            return
        waiting = b"".join(self._pending) if len(self._pending) > 1 else piece
        self._run(waiting, last=False)
        self._fed += self._waiting
        self._pending, self._waiting = [], 0
        unparsed = self._fed - max(self._parser.CurrentByteIndex, 0)
        self._wait = unparsed if unparsed > _FEED else 0
        if unparsed > _TOKEN_BYTES:
            self._stop("xml-malformed", "an XML token larger than 16 MiB")

    def finish(self) -> None:
        """Parse what is left, and see whether the document ends there."""
        self._run(b"".join(self._pending), last=True)

    def take(self) -> Iterator[Event]:
        """Hand out the events that have come up."""
        events, self._events = self._events, []
        self._budget.spend((len(events) + self._unwanted) * RECORD)
        self._unwanted = 0
        return iter(events)

    def _run(self, waiting: bytes, *, last: bool) -> None:
        if self.stopped:
            return
        try:
            self._parser.Parse(waiting, last)
        except _Stop:
            pass
        except expat.ExpatError as error:
            self._stop("xml-malformed", f"not well-formed XML: {expat.ErrorString(error.code)}")
        except (ValueError, LookupError):  # an encoding that Python does not have, or can't use here
            self._stop("xml-malformed", "XML in an unknown encoding")

    def _stop(self, code: str, where: str) -> None:
        self._note(code, where)
        self.stopped = True

    def _note(self, code: str, where: str) -> None:
        if all(one.code != code for one in self.problems):
            self.problems.append(Anomaly(code, where, max(self._parser.CurrentByteIndex, 0), incomplete=True))

    def _start(self, name: str, raw: list[str]) -> None:
        self._depth += 1
        if self._depth > self._depth_limit:
            self._note("xml-depth", "XML elements nested deeper than the limit")
            if self._depth > self._depth_limit * _OPEN_ELEMENTS:
                self.stopped = True
                raise _Stop
            return
        tag = self._tags.get(name) or self._tag(name)
        attributes = _attributes(raw) if raw else {}
        self._open.append(_Open(tag, attributes, self._text_limit))
        if self._starts is None or tag in self._starts:
            self._events.append(_new(Event, (True, _new(Element, (tag, attributes, "")))))
        else:
            self._unwanted += 1
        if self._opening:
            self.stopped = True
            raise _Stop

    def _end(self, _: str) -> None:
        self._depth -= 1
        if self._depth < self._depth_limit:
            element = self._open.pop()
            if self._ends is None or element.tag in self._ends:
                text = "".join(element.pieces)
                self._events.append(_new(Event, (False, _new(Element, (element.tag, element.attributes, text)))))
            else:
                self._unwanted += 1

    def _text(self, data: str) -> None:
        if not self._open or self._depth > self._depth_limit:
            return
        element = self._open[-1]
        if len(data) > element.room:
            if data.strip():
                self._note("xml-text-cut", "XML text longer than the limit")
            data = data[: element.room]
        element.room -= len(data)
        element.pieces.append(data)

    def _instruction(self, target: str, _: str) -> None:
        self._budget.spend(RECORD)
        if len(self.instructions) < _INSTRUCTIONS:
            self.instructions[target[:_TARGET].lower()] = None

    def _doctype(self, _: str, __: str | None, public: str | None, internal: int) -> None:
        if not internal and public is not None and public.startswith(_HARMLESS_TYPES):
            return
        self._stop("xml-dtd", "a document type declaration")
        raise _Stop

    def _tag(self, name: str) -> Tag:
        uri, _, local = name.rpartition(" ")
        tag = Tag(local)
        tag.uri = uri
        if len(self._tags) < 4096:
            self._tags[name] = tag
        return tag


def _attributes(raw: list[str]) -> dict[str, str]:
    if " " not in "".join(raw[::2]):  # none of a namespace
        return dict(zip(raw[::2], raw[1::2], strict=True))
    attributes: dict[str, str] = {}
    values = iter(raw)
    for name in values:  # a name, then its value
        if " " not in name:
            attributes[name] = next(values)
            continue
        uri, _, local = name.rpartition(" ")
        if uri in _RELATIONSHIPS:
            attributes["r:" + local] = next(values)
        else:
            attributes.setdefault(local, next(values))
    return attributes
