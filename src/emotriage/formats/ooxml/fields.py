"""Fields, DDE links and actions of slides that start programs (ECMA-376 part 1, 17.16, 18.14.7, 21.1.2.3.5)."""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from emotriage.formats.ooxml import Package, Part
from emotriage.formats.powerpoint97 import Action
from emotriage.formats.xml import Event, iter_events
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.limits import TOKEN, Budget
from emotriage.model.padding import is_uniform

_OTHERS = ("spreadsheetml", "presentationml", "drawing", "relationships", "ms-excel", "ms-powerpoint")
"""Content types of parts without fields; those of Word are too many to be listed."""
_LONGEST = 8192
_DEEPEST = 64
_DDE = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_QUOTE = re.compile(r"\s*QUOTE\b(.*)", re.IGNORECASE | re.DOTALL)
_ACTION = re.compile(r"\s*ppaction://(program|macro)\b(.*)", re.IGNORECASE | re.DOTALL)
_MACRO = re.compile(r"\?name=(.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"0x[0-9a-f]{1,6}|\d{1,7}", re.IGNORECASE)
_SERVERS = ("excel", "winword", "word.", "msword", "msaccess", "powerpnt", "access.", "outlook", "msgraph")


def dde_fields(package: Package, budget: Budget, found: list[Anomaly]) -> Iterator[tuple[str, Part]]:
    """(instruction, part) of every DDE and DDEAUTO field, put together from its runs, with QUOTE fields evaluated.

    Args:
        package: where to look.
        budget: charged for bytes and elements.
        found: takes what keeps a part from being read to its end.
    """
    for part in package.parts:
        if not any(one in part.content_type for one in _OTHERS) and _is_markup(part):
            for instruction in instructions(_events(package, part, budget, "instr", found), budget):
                if is_dde(instruction):
                    yield instruction.strip(), part


def _is_markup(part: Part) -> bool:
    return part.content_type.endswith("xml") or (not part.content_type and part.name.lower().endswith(".xml"))


def dde_links(package: Package, budget: Budget, found: list[Anomaly]) -> Iterator[tuple[str, Part]]:
    """(``service|topic``, part) of every DDE link of a workbook; for the arguments see `dde_fields`."""
    for part in package.parts:
        if part.content_type.endswith("externallink+xml"):
            for event in _events(package, part, budget, "ddeLink", found):
                if event.start and event.element.tag == "ddeLink":
                    attributes = event.element.attributes
                    yield f"{attributes.get('ddeService', '')}|{attributes.get('ddeTopic', '')}", part


def slide_actions(package: Package, budget: Budget, found: list[Anomaly]) -> Iterator[Action]:
    """Actions of shapes and texts that run a program or a macro; for the arguments see `dde_fields`."""
    for part in package.parts:
        if "presentationml" not in part.content_type or not part.content_type.endswith("xml"):
            continue
        links = {one.id: one.target for one in package.relations(part.name)}
        for event in _events(package, part, budget, "ppaction://", found):
            tag, attributes, _ = event.element
            action = _ACTION.match(attributes.get("action", "")) if event.start and tag.startswith("hlink") else None
            if action is not None:
                what, named = action[1].lower(), _MACRO.match(action[2])
                target = unquote(named[1]) if named else links.get(attributes.get("r:id", ""), "")
                yield Action(what, target, "over" in tag.lower(), part.name)


def is_dde(instruction: str) -> bool:
    """True for the instruction of a field that starts another program by DDE."""
    return _DDE.match(instruction) is not None


def asks_office(instruction: str) -> bool:
    """True when a DDE instruction or link asks an Office program for data, and nothing in it leads to another one."""
    words = instruction.lower().replace('"', " ").replace("|", " ").split()
    server = words[1:2] if _DDE.match(instruction) else words[:1]
    return bool(server) and server[0].startswith(_SERVERS) and "\\" not in server[0]


def _events(package: Package, part: Part, budget: Budget, word: str, found: list[Anomaly]) -> Iterator[Event]:
    """The events of a part that mentions a word, as far as it can be read."""
    odd: list[Anomaly] = []
    try:
        if _mentions(package.stream(part, budget, odd), word, budget):
            yield from iter_events(package.stream(part, budget, odd), budget, odd)
    except FormatError as error:
        odd.append(Anomaly(str(error), incomplete=True))
    found.extend(Anomaly(one.code, part.name, one.offset, incomplete=True) for one in odd if one.incomplete)


def _mentions(chunks: Iterable[bytes], word: str, budget: Budget) -> bool:
    """True when the bytes hold a word in any encoding of XML; a search is far cheaper than parsing for nothing."""
    spelled = [word.encode(one) for one in ("ascii", "utf-16-le", "utf-16-be")]
    tail = b""
    for chunk in chunks:
        budget.spend(len(chunk))
        window = tail + (chunk[: len(spelled[1])] if is_uniform(chunk) else chunk)
        if any(one in window for one in spelled):
            return True
        tail = window[-2 * len(word) :]
    return False


def instructions(events: Iterator[Event], budget: Budget) -> Iterator[str]:
    """The instruction of each field that ends, outermost last, from the events of one part."""
    open_fields: list[list[str]] = []
    for start, (tag, attributes, text) in events:
        if start:
            if tag == "fldSimple":
                yield attributes.get("instr", "")
        elif tag in ("instrText", "delInstrText"):
            if open_fields:
                open_fields[-1].append(text)
        elif tag == "fldChar":
            kind = attributes.get("fldCharType", "")
            if kind == "begin" and len(open_fields) < _DEEPEST:
                open_fields.append([])
            elif kind == "end" and open_fields:
                budget.spend(TOKEN)
                instruction = "".join(open_fields.pop())[:_LONGEST]
                if open_fields:
                    open_fields[-1].append(_quoted(instruction))
                yield instruction
    for pieces in reversed(open_fields):
        yield "".join(pieces)[:_LONGEST]


def _quoted(instruction: str) -> str:
    """What a nested field stands for: the characters of a QUOTE field, or its instruction."""
    found = _QUOTE.match(instruction)
    if found is None:
        return instruction
    numbers = [int(one, 0) if one[:2] in ("0x", "0X") else int(one) for one in _NUMBER.findall(found[1])]
    if not numbers or _NUMBER.sub("", found[1]).strip():
        return found[1].replace('"', "").strip()
    return "".join(chr(one) for one in numbers if 0 < one < 0x110000)
