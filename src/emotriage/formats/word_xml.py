"""Binary parts of Word documents in one XML file: `binData` of Word 2003, `pkg:binaryData` of flat OPC (ECMA-376).

Both are base64 as text of an element; its name is an attribute of it, or of the part that it belongs to. Text longer
than the limit of a string is read from the bytes of the file, where it stands as it is: no program escapes base64.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from emotriage.formats.mime.transfer import decode_base64
from emotriage.formats.xml import iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

_BINARY = frozenset({"binData", "binaryData"})
_TAG = re.compile(rb"<(?:[\w.-]{1,64}:)?(?:binData|binaryData)\b[^<>]{0,1024}>")
_TAG_BYTES = 1200
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")

Decode = Callable[[Budget], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class BinaryPart:
    """One binary part.

    Attributes:
        name: as the document has it; may be empty.
        content: its bytes, or a function that decodes them.
    """

    name: str
    content: bytes | Decode


def read_binary_parts(blob: Blob, budget: Budget, found: list[Anomaly]) -> Iterator[BinaryPart]:
    """The binary parts of a document, in order; large ones last.

    Args:
        blob: the XML file.
        budget: charged for bytes and elements.
        found: takes what could not be read, as in `xml.iter_events`.
    """
    limit = budget.limits.string_bytes
    problems: list[Anomaly] = []
    part = ""
    cut = 0
    wanted = _BINARY | {"part"}
    windows = (window for _, window in blob.windows())
    for event in iter_events(windows, budget, problems, starts={"part"}, ends=wanted):
        tag, attributes, text = event.element
        if tag == "part":
            part = attributes.get("name", "") if event.start else ""
        elif len(text) >= limit:
            cut += 1
        else:
            yield BinaryPart(attributes.get("name", "") or part, _decoded(text, budget))
    large = list(_large(blob, limit, budget)) if cut else []
    for start, stop in large:
        yield BinaryPart("", partial(decode_base64, blob, start, stop))
    found += [one for one in problems if one.code != "xml-text-cut" or len(large) < cut]


def _decoded(text: str, budget: Budget) -> bytes:
    budget.spend(2 * len(text))
    letters = _NO_BASE64.sub("", text).rstrip("=")
    return binascii.a2b_base64(letters[: len(letters) - (len(letters) % 4 == 1)] + "=" * (-len(letters) % 4))


def _large(blob: Blob, limit: int, budget: Budget) -> Iterator[tuple[int, int]]:
    """Where the text of binary elements longer than the limit begins and ends."""
    start = -1
    for at, window in blob.windows(overlap=_TAG_BYTES):
        budget.spend(2 * len(window))
        position = 0
        while True:
            if start >= 0:
                end = window.find(b"<", max(position, start - at))
                if end < 0:
                    break
                if at + end - start >= limit:
                    yield start, at + end
                position, start = end, -1
            opened = _TAG.search(window, position)
            if opened is None:
                break
            budget.spend(RECORD)
            start = at + opened.end()
            position = opened.end()
