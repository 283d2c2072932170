"""The structure of a mail (RFC 5322, RFC 2045, RFC 2046): its parts as ranges of the blob, in document order.

One pass over the lines that begin with ``--``, with a stack of open boundaries. Where a field can be read in several
ways (two boundaries, two types) the pass is made for each, and the parts of all are kept. Nothing is decoded here, and
every byte of the body belongs to a part, a stretch outside of parts, or a line that separates them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from emotriage.formats.mime.header import BYTES, END_OF_LINE, Header, read_header
from emotriage.formats.mime.parameters import Value, boundaries, names_of, read_value
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed
from emotriage.model.limits import RECORD, Budget

PARTS, DEPTH, READINGS = 1000, 32, 4
"""Most parts of a mail, multiparts inside of each other, and ways to read its boundaries."""

Role = Literal["part", "preamble", "epilogue", "rest"]

_LINE = 1024
_ODD = 64
_FIRST = re.compile(rb"(?:\A|[\r\n])--([^\s-][^\r\n]{0,200}|[^\r\n]{1,200})\r{0,3}\n[Cc][Oo][Nn][Tt][Ee][Nn][Tt]-")
_PART_HEADER = re.compile(rb"(?:\A|[\r\n])content-(?:type|transfer-encoding|disposition)[ \t]{0,8}:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is no multipart itself, or a stretch outside of parts.

    Attributes:
        path: number of the part in each multipart around it, with dots.
        role: ``part``; ``preamble`` or ``epilogue`` of a multipart; ``rest`` is what lies beyond a limit.
        header: of the part; without fields for what is none.
        start: offset of its first byte behind the header.
        stop: offset behind its last byte.
        types: its content types, one for each field that says one.
        dispositions: likewise.
    """

    path: str
    role: Role
    header: Header
    start: int
    stop: int
    types: tuple[Value, ...] = ()
    dispositions: tuple[Value, ...] = ()

    @property
    def type(self) -> str:
        """The content type, or "" where none is said."""
        return self.types[0].text if self.types else ""

    @property
    def charset(self) -> str:
        """The charset as the part says it, or ""."""
        found = [one for value in self.types for one in value.values("charset")]
        return found[0].decode("latin-1")[:64] if found else ""

    def names(self, hint: str = "") -> tuple[tuple[str, ...], tuple[Anomaly, ...]]:
        """(every name that a reader may take, what is odd about them); the disposition's first."""
        pairs = [(one, "filename") for one in self.dispositions] + [(one, "name") for one in self.types]
        pairs += [(one, "name") for one in self.dispositions] + [(one, "filename") for one in self.types]
        return names_of(pairs, hint or self.charset)


@dataclass(frozen=True, slots=True)
class Message:
    """A mail.

    Attributes:
        blob: its bytes.
        header: its own.
        parts: in document order; those of further readings behind them.
        anomalies: what is odd; incomplete when something was left out.
    """

    blob: Blob
    header: Header
    parts: tuple[Part, ...]
    anomalies: tuple[Anomaly, ...]


@dataclass(slots=True)
class _Frame:
    """A multipart that is open."""

    boundary: bytes
    path: str
    count: int = 0
    closed: bool = False


@dataclass(slots=True)
class _Pass:
    """One reading of the structure."""

    blob: Blob
    budget: Budget
    choice: int
    left: int
    frames: list[_Frame] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    odd: dict[tuple[str, str], Anomaly] = field(default_factory=dict)
    choices: int = 1

    def note(self, code: str, where: str, offset: int, *, incomplete: bool = False) -> None:
        if len(self.odd) < _ODD:
            self.odd.setdefault((code, where), Anomaly(code, where, offset, incomplete=incomplete))
        elif incomplete:
            self.odd.setdefault((code, ""), Anomaly(code, "", offset, incomplete=True))


def read_mail(blob: Blob, budget: Budget) -> Message:
    """Read the structure of a mail.

    Raises:
        Malformed: it has no header at all.
    """
    start = _first_field(blob)
    header = read_header(blob, start, budget)
    if not header.fields:
        raise Malformed("no header")
    parts: dict[tuple[int, int, str], Part] = {}
    odd: dict[tuple[str, str], Anomaly] = {(one.code, one.where): one for one in header.anomalies}
    choice = 0
    choices = 1
    while choice < min(choices, READINGS):
        one = _Pass(blob, budget, choice, PARTS - len(parts))
        _structure(one, header)
        choices = max(choices, one.choices)
        for part in one.parts:
            parts.setdefault((part.start, part.stop, part.role), part)
        for key, anomaly in one.odd.items():
            odd.setdefault(key, anomaly)
        choice += 1
    if choices > 1:
        where = f"{choices} readings"
        odd["several-readings", where] = Anomaly("several-readings", where, start, incomplete=choices > READINGS)
    return Message(blob, header, tuple(parts.values()), tuple(odd.values()))


def _first_field(blob: Blob) -> int:
    """Offset of the first field: behind a byte order mark, blank lines, and the line that a mailbox puts in front."""
    head = blob.read(0, _LINE)
    at = 3 if head.startswith(b"\xef\xbb\xbf") else 0
    at += len(head[at:]) - len(head[at:].lstrip(b"\r\n\0"))
    if head.startswith((b"From ", b">From "), at) and (ended := END_OF_LINE.search(head, at)):
        return ended.end()
    return at


def _structure(run: _Pass, header: Header) -> None:
    role: Role
    role, path, at = _enter(run, header, "")
    current = header if role == "part" else Header((), at)
    position = at
    for line, after, text in _delimiter_lines(run, position):
        if line < position or not run.frames:
            continue
        found = _match(run, text, line)
        if found is None:
            continue
        index, close = found
        _finish(run, role, path, current, (at, _before_end(run.blob, at, line)))
        for inner in run.frames[index + 1 :]:
            if not inner.closed:
                run.note("no-close", inner.path, line)
        del run.frames[index + 1 :]
        frame = run.frames[index]
        path, at = frame.path, after
        if close:
            frame.closed = True
            role, current = "epilogue", Header((), after)
        else:
            if frame.closed:
                run.note("early-close", frame.path, line)
                frame.closed = False
            frame.count += 1
            if len(run.parts) >= run.left:
                run.note("too-many-parts", f"{PARTS} parts", line, incomplete=True)
                run.frames.clear()
                role, current, at = "rest", Header((), line), line
                break
            current = read_header(run.blob, after, run.budget, lambda one: _match(run, one[2:], -1) is not None)
            for odd in current.anomalies:
                run.note(odd.code, path, odd.offset or 0, incomplete=odd.incomplete)
            role, path, at = _enter(run, current, f"{path}.{frame.count}" if path else str(frame.count))
            current = current if role == "part" else Header((), at)
        position = at
    _finish(run, role, path, current, (at, run.blob.size))
    for frame in run.frames:
        if not frame.closed:
            run.note("no-close", frame.path, run.blob.size)


def _enter(run: _Pass, header: Header, path: str) -> tuple[Role, str, int]:
    """What begins behind a header: a part, or the preamble of a multipart whose boundary is put on the stack."""
    types = [read_value(one) for one in header.values("content-type")]
    if header.text is not None:
        run.note("text-in-header", path, header.text)
        run.parts.append(Part(path, "part", header, header.text, header.end, tuple(types)))
    multiparts = [one for one in types if one.text.startswith("multipart") or one.values("boundary")]
    if any(one.cut for one in types):
        run.note("many-parameters", path, header.end, incomplete=True)
    if len({one.text for one in types}) > 1:
        run.note("several-types", path, header.end)
    if any(one.text == "multipart/encrypted" for one in types):
        run.note("encrypted", path, header.end, incomplete=True)
    if not multiparts:
        return "part", path, header.end
    if len(run.frames) >= DEPTH:
        run.note("too-deep", f"{DEPTH} multiparts", header.end, incomplete=True)
        return "part", path, header.end
    named = [one for value in multiparts for one in value.values("boundary")]
    if len(set(named)) > 1:
        run.note("several-boundaries", path, header.end)
    disposed = [read_value(one) for one in header.values("content-disposition")]
    found = [one for value in (*multiparts, *disposed) for one in boundaries(value)]
    usable = list(dict.fromkeys(one for one in found if _occurs(run, one, header.end)))
    declared = any(one.text.startswith("multipart") for one in types)
    if not usable and declared and (guess := _guess(run, header.end)) is not None:
        run.note("unnamed-boundary", path, header.end)
        usable = [guess]
    if not usable:
        if declared:
            run.note("no-parts", path, header.end)
        return "part", path, header.end
    run.choices = max(run.choices, len(usable))
    run.frames.append(_Frame(usable[min(run.choice, len(usable) - 1)], path))
    return "preamble", path, header.end


def _occurs(run: _Pass, boundary: bytes, start: int) -> bool:
    """True when a line begins with a boundary; a name that nobody uses is no reading."""
    needle = b"--" + boundary
    for at, window in run.blob.windows(overlap=len(needle) + 1, start=max(start - 1, 0)):
        run.budget.spend(len(window) // 8)
        found = window.find(needle)
        while found >= 0:
            if at + found == 0 or (found and window[found - 1] in b"\r\n"):
                return True
            run.budget.spend(RECORD)
            found = window.find(needle, found + 1)
    return False


def _guess(run: _Pass, start: int) -> bytes | None:
    """The boundary of a multipart that does not name it, or names it wrongly: a line of dashes before a field."""
    found = _FIRST.search(b"\n" + run.blob.read(start, BYTES // 4))
    return found[1].rstrip() if found else None


def _delimiter_lines(run: _Pass, start: int) -> Iterator[tuple[int, int, bytes]]:
    """(offset, offset behind its end, text behind the dashes) of every line that begins with two dashes."""
    blob = run.blob
    done = start
    for at, window in blob.windows(overlap=_LINE + 4, start=max(start - 1, 0)):
        run.budget.spend(len(window))
        found = window.find(b"--")
        while found >= 0:
            run.budget.spend(RECORD // 2)
            offset = at + found
            ended = END_OF_LINE.search(window, found)
            if ended is None and len(window) - found < _LINE and at + len(window) < blob.size:
                break  # the next window begins before it
            begins = offset == 0 or (found and window[found - 1] in b"\r\n")
            stop, after = (ended.start(), ended.end()) if ended else (len(window), len(window))
            if begins and offset >= done:
                done = at + after
                yield offset, at + after, window[found + 2 : min(stop, found + _LINE)]
            found = window.find(b"--", after) if after > found else -1


def _match(run: _Pass, text: bytes, line: int) -> tuple[int, bool] | None:
    """(index of the multipart that a line belongs to, whether the line closes it); the innermost one wins."""
    bare = text.replace(b"\0", b"").rstrip(b" \t")
    for index in range(len(run.frames) - 1, -1, -1):
        boundary = run.frames[index].boundary
        if bare == boundary:
            return index, False
        if bare == boundary + b"--":
            return index, True
    for index in range(len(run.frames) - 1, -1, -1):
        boundary = run.frames[index].boundary
        if boundary and bare.startswith(boundary):  # RFC 2046 5.1.1 has readers compare the beginning of the line
            if line >= 0:
                run.note("longer-delimiter", run.frames[index].path, line)
            return index, bare.startswith(boundary + b"--")
    return None


def _before_end(blob: Blob, start: int, line: int) -> int:
    """Where a part ends whose delimiter begins at `line`: the line end before that belongs to the delimiter."""
    tail = blob.read(max(start, line - 2), line - max(start, line - 2))
    return line - (2 if tail.endswith(b"\r\n") else 1 if tail[-1:] in (b"\r", b"\n") else 0)


def _finish(run: _Pass, role: Role, path: str, header: Header, place: tuple[int, int]) -> None:
    """Keep a part or a stretch (start, stop); a stretch that holds a part's header is a part."""
    start, stop = place
    if stop <= start and role != "part":
        return
    if role in ("preamble", "epilogue") and (at := _header_in(run, start, stop)) is not None:
        if at > start:
            run.parts.append(Part(path, role, Header((), start), start, at))
        header = read_header(run.blob, at, run.budget, lambda _: False)
        start, role = min(header.end, stop), "part"
        if header.text is not None and header.text < start:
            run.parts.append(Part(path, "part", header, header.text, start))
        run.note("part-outside", path, at)
    types = tuple(read_value(one) for one in header.values("content-type"))
    dispositions = tuple(read_value(one) for one in header.values("content-disposition"))
    if any(one.cut for one in dispositions):
        run.note("many-parameters", path, start, incomplete=True)
    run.parts.append(Part(path, role, header, start, max(start, stop), types, dispositions))


def _header_in(run: _Pass, start: int, stop: int) -> int | None:
    """Offset of a part's header that stands outside of all parts; a message there is left as it is."""
    head = run.blob.read(start, min(stop - start, BYTES // 4))
    found = _PART_HEADER.search(head)
    if found is None or head.lstrip(b"\r\n").startswith(b"From "):
        return None
    before = head[: found.start()]
    blanks = max(before.rfind(b"\n\n") + 2, before.rfind(b"\n\r\n") + 3, before.rfind(b"\r\r") + 2)
    at = blanks if blanks > 3 or before[:2] in (b"\n\n", b"\r\r") else 0
    return start + at + len(head[at:]) - len(head[at:].lstrip(b"\r\n"))
