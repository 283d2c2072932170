"""What a part of a mail holds, under every reading of its transfer encoding, and by which name it goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from emotriage.formats.file_name import read_file_name
from emotriage.formats.mime import Message, Part, transfer
from emotriage.formats.mime.text import decode_charset, hides_ascii
from emotriage.model.analyzer import Stream
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, Budget

TEXT = 8 * MIB
"""Longest text in an unusual charset that is turned into UTF-8."""

_HEAD = 4096
_BLANK = b" \t\r\n\0"
_RANKS = {"program": 0, "script": 0, "shortcut": 0, "image": 1, "macro": 2, "": 3}


@dataclass(frozen=True, slots=True)
class Content:
    """One reading of a part.

    Attributes:
        name: what the child is called.
        data: its bytes, or the function that decodes them when its turn comes.
        odd: why there is this reading, or "" where it is the plain one.
        unread: what of it was not read, or "".
    """

    name: str
    data: Blob | Stream | bytes
    odd: str = ""
    unread: str = ""


def contents(message: Message, part: Part, name: str, budget: Budget) -> Iterator[Content]:
    """Everything that a reader may take a part for."""
    blob, start, stop = message.blob, part.start, part.stop
    head = blob.read(start, min(stop - start, _HEAD))
    encodings = encodings_of(part)
    for encoding in encodings:
        if encoding == "base64":
            yield from _base64(blob, part, name, head, budget)
        elif encoding == "quoted-printable":
            yield Content(name, decoder(blob, start, stop, encoding))
        else:
            yield from _plain(blob, part, name, encoding, budget)
    if is_text(part) and hides_ascii(part.charset):
        text = b"".join(islice(_chunks(blob, part, encodings[0], budget), 64))
        spelled = decode_charset(text[:TEXT], part.charset).encode("utf-8", "replace")
        unread = "text in a charset that hides ASCII" if len(text) > TEXT else ""
        yield Content(f"{name}-as-text", spelled, unread=unread)


def _chunks(blob: Blob, part: Part, encoding: str, budget: Budget) -> Iterator[bytes]:
    return decoder(blob, part.start, min(part.stop, part.start + 2 * TEXT), encoding)(budget)


def encodings_of(part: Part) -> tuple[str, ...]:
    """The part's transfer encodings, one where the header is honest; "" is one that nobody knows."""
    found = [transfer.encoding_name(one) for one in part.header.values("content-transfer-encoding")]
    return tuple(dict.fromkeys(found)) or ("identity",)


def decoder(blob: Blob, start: int, stop: int, encoding: str) -> Stream:
    """The function that undoes an encoding when a child's turn comes."""
    if encoding == "base64":
        return lambda budget: transfer.decode_base64(blob, start, stop, budget)
    if encoding == "quoted-printable":
        return lambda budget: transfer.decode_quoted_printable(blob, start, stop, budget)
    return lambda budget: _as_is(blob, start, stop, budget)


def is_text(part: Part) -> bool:
    """True for bodies and attachments that are meant to be read as text."""
    return part.role == "part" and (part.type.startswith("text") or part.type in ("", "plain"))


def text_of(message: Message, part: Part, limit: int, budget: Budget) -> str:
    """The first characters of a part that is text."""
    data = b""
    window = min(part.stop, part.start + 4 * limit)
    for chunk in decoder(message.blob, part.start, window, encodings_of(part)[0])(budget):
        data += chunk
        if len(data) >= limit:
            break
    return decode_charset(data[:limit], part.charset)


def child_name(part: Part, names: tuple[str, ...]) -> str:
    """The most dangerous of a part's names; where it has none, its place."""
    if names:
        return min(names, key=lambda one: _RANKS[read_file_name(one).active])
    place = part.path.replace(".", "-")
    if part.role != "part":
        return f"{part.role}-{place}" if place else part.role
    return f"part-{place}" if place else "body"


def is_blank(blob: Blob, start: int, stop: int, budget: Budget) -> bool:
    """True when a stretch holds nothing but blanks and zeros."""
    for _, window in blob.windows(start=start, stop=stop):
        budget.spend(len(window))
        if window.strip(_BLANK):
            return False
    return True


def _as_is(blob: Blob, start: int, stop: int, budget: Budget) -> Iterator[bytes]:
    for _, window in blob.windows(start=start, stop=stop, holes=True):
        budget.spend(len(window))
        yield window


def _base64(blob: Blob, part: Part, name: str, head: bytes, budget: Budget) -> Iterator[Content]:
    end = transfer.base64_end(blob, part.start, part.stop, budget)
    yield Content(name, decoder(blob, part.start, end, "base64"))
    if end < part.stop and not is_blank(blob, end, part.stop, budget):
        yield Content(f"{name}-behind-base64", blob.slice(end, part.stop - end))
    head = head[: end - part.start]
    if len(head.translate(None, transfer.NOT_BASE64_TEXT)) * 8 < len(head) * 7 and head.strip(_BLANK):
        yield Content(
            f"{name}-as-it-stands", blob.slice(part.start, part.stop - part.start), "text announced as base64"
        )


def _plain(blob: Blob, part: Part, name: str, encoding: str, budget: Budget) -> Iterator[Content]:
    start, stop = part.start, part.stop
    head = blob.read(start, min(stop - start, _HEAD))
    files = list(islice(transfer.find_uuencoded(blob, start, stop, budget), 256))
    odd = "unknown transfer encoding" if encoding == "" else ""
    if encoding != "uuencode" or not files:
        yield Content(name, blob.slice(start, stop - start), odd)
    for number, one in enumerate(files):
        inner = name if encoding == "uuencode" and not number else decode_charset(one.name, "")
        yield Content(inner, _uu(blob, one), "uuencode" if encoding == "uuencode" else "uuencoded file in text")
    if transfer.looks_base64(head):
        yield Content(f"{name}-decoded", decoder(blob, start, stop, "base64"), "base64 that is not announced")
    if head.startswith(b"=ybegin ") or b"\n=ybegin " in head:
        yield Content(f"{name}-yenc", b"", unread="yEnc")


def _uu(blob: Blob, one: transfer.UuFile) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: transfer.decode_uuencode(blob, one, budget)
