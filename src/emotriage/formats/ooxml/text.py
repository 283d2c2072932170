"""The text that readers of a package see: paragraphs, cells, drawings and alternative texts (ECMA-376 part 1).

Tags are taken out of the bytes instead of being parsed: a phrase that is spread over runs comes together again, and a
part that is no XML at all can't get in the way.
"""

import re
from collections.abc import Iterator
from html import unescape

from emotriage.formats.ooxml import Package
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget
from emotriage.model.padding import is_uniform

_WORDS = (
    "wordprocessingml",
    "ms-word.document",
    "ms-word.template",
    "spreadsheetml.sharedstrings",
    "spreadsheetml.worksheet",
    "presentationml",
    "drawing",
)
_LEFT_OUT = ("styles+xml", "settings+xml", "fonttable+xml", "numbering+xml", "theme+xml")
_ENDS = re.compile(r"</(?:\w+:)?(?:p|si|is|tc)>|<(?:\w+:)?(?:br|tab)\b[^<>]*>")
_TAG = re.compile(r"<[^<>]*>")
_SHOWN = re.compile(r"\s(?:descr|title|alt|string)=(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_OVERLAP = 4096


def texts(package: Package, budget: Budget) -> Iterator[tuple[str, str]]:
    """(part, piece of its text), in pieces that overlap; a part that can't be unpacked ends early."""
    for part in package.parts:
        kind = part.content_type
        if not kind.endswith(("xml", "vmldrawing")) or kind.endswith(_LEFT_OUT):
            continue
        if any(one in kind for one in _WORDS):
            try:
                only = b"inlineStr" if "worksheet" in kind else b""
                yield from ((part.name, one) for one in _pieces(package.stream(part, budget, []), only, budget))
            except FormatError:  # whoever looks at the part itself reports it
                continue


def _pieces(chunks: Iterator[bytes], only: bytes, budget: Budget) -> Iterator[str]:
    """The text of the chunks, of those alone that hold the word `only` where there is one: cells hold numbers."""
    encoding, rest = "", b""
    for chunk in chunks:
        content = chunk[:_OVERLAP] if is_uniform(chunk) else chunk  # more of one letter says no more
        budget.spend(len(chunk) // 4 + 4 * len(content))
        encoding = encoding or _encoding(content)
        window = rest + content
        rest = window[-_OVERLAP:]
        if only not in window:
            continue
        text = window.decode(encoding, "replace")
        shown = "\n".join(one[1] or one[2] or "" for one in _SHOWN.finditer(text))
        yield unescape(_TAG.sub("", _ENDS.sub("\n", text)) + "\n" + shown)


def _encoding(chunk: bytes) -> str:
    if chunk[:2] == b"\xff\xfe" or chunk[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if chunk[:2] == b"\xfe\xff" or chunk[:1] == b"\0" else "utf-8"
