"""How a macro hides what it does: concealed names and arguments, strings in pieces, encoded text, filler."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emotriage.analyzers.vba.lexicon import KNOWN_CLASS, OBJECTS
from emotriage.analyzers.vba.macros import UNREACHED, Macros, controls_of
from emotriage.analyzers.vba.names import is_random, survey
from emotriage.catalogue import vba as rules
from emotriage.emulation.programs import programs_in
from emotriage.emulation.vba.program import Span
from emotriage.emulation.vba.source import WORD, words_in
from emotriage.emulation.vba.vocabulary import KNOWN, words
from emotriage.model.finding import Evidence, Finding
from emotriage.model.limits import RECORD, TOKEN

_SHOWN, _SHOWN_NAME = 6, 24
_STARTS_READ = 48
_STARTS = re.compile(
    r"(?:(?<![\w.!])|\b(?:vba|interaction)[^\S\n]*\.[^\S\n]*|\[)"
    r"(createobject|getobject|callbyname|shell|executeexcel4macro)\]?[$%&!#@]?(?=[^\S\n]*[(\[\"\w])"
    r"|\.[^\S\n]*(run|exec|shellexecute|create|createobject|execmethod_|executeexcel4macro)[$%&!#@]?(?=[^\S\n]*[(\[\"\w])"
)
_STARTING = words("createobject getobject callbyname shell executeexcel4macro run exec shellexecute create execmethod_")
_KNOWN_CLASS = re.compile(KNOWN_CLASS)
_FULL_CLASS = re.compile(r"[A-Za-z]\w{2,}\.[A-Za-z]\w{2,}(?:\.[\w.]+)?")
_FILE = re.compile(r"(?i)[\\/:]|\.(?:xl|do|pp|md|acc|pdf|csv|txt|dwg)\w{0,3}$")
_DECODING = words("strreverse xor replace split chr chrw chrb mid midb asc ascw val join left right")
_HARD = words("strreverse xor")
_OUTSIDE = words(
    """
    caption controltiptext tag variables customdocumentproperties builtindocumentproperties alternativetext textbox1
    customxmlparts
"""
)
_NUMBER_ARGUMENT = re.compile(r"\([^\S\n]{0,4}[-\d.]{1,20}[#&!@%]?[^\S\n]{0,4}\)")
_IDLE_FUNCTION = re.compile(
    r"(?i)(?<![\w.])(?:sin|cos|tan|atn|log|exp|sqr|fix|sgn|cbyte|cdate|hex|oct|rnd|round|int|cdbl|csng|clng|cint|cbool"
    r"|ccur|abs|second|minute|hour)[$]?[^\S\n]?$"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/=_-]{160,}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s,:;-]?){80,}")
_DECIMAL = re.compile(r"(?:\d{1,3}[^\w\n]{1,3}){80,}|\d{240,}")
_NUMBERS = re.compile(
    r"array(?<!\warray)[^\S\n]{0,4}\((?:[^\S\n]{0,4}(?:&h[\da-f]{1,8}|-?\d{1,10})&?[^\S\n]{0,4},){48}"
)


@dataclass(frozen=True, slots=True)
class _Start:
    """A place where something is created or started."""

    name: str
    call: Span
    argument: Span


def look(macros: Macros) -> Iterator[Finding]:
    """Everything that is hidden; sets `Macros.concealed` where that is certain."""
    starts = list(_starts(macros))
    found = [*_strings(macros), *_filler(macros)]
    yield from found
    macros.concealed = bool(found)
    objects, certain = [], UNREACHED
    for one in starts:
        if (evidence := _concealed_object(macros, one)) is not None:
            objects.append(evidence)
            certain = max(certain, macros.confidence(macros.program.node_at(one.call.module, one.call.start)))
    if objects:
        macros.concealed = macros.concealed or certain > UNREACHED
        yield rules.CONCEALED_OBJECT(*objects[:_SHOWN], confidence=certain)
    decoded, outside = [], []
    sure = {"decoded": UNREACHED, "outside": UNREACHED}
    for one in starts:
        if one.name in ("createobject", "getobject"):
            continue
        confidence = macros.confidence(macros.program.node_at(one.call.module, one.call.start))
        spans = macros.program.made_of(one.call, KNOWN - _OUTSIDE)
        used = _words(macros, spans)
        if used & _HARD or len(used & _DECODING) >= 4:
            shown = ", ".join(sorted(used & _DECODING))
            decoded.append(macros.evidence(one.call.module, one.call.start, f"{one.name}: {shown}"))
            sure["decoded"] = max(sure["decoded"], confidence)
        if texts := _texts_outside(macros, spans, used):
            shown = ", ".join(texts[:_SHOWN])
            outside.append(macros.evidence(one.call.module, one.call.start, f"{one.name}: {shown}"))
            sure["outside"] = max(sure["outside"], confidence)
    if decoded:
        yield rules.CONCEALED_ARGUMENT(*decoded[:_SHOWN], confidence=sure["decoded"])
    if outside:
        yield rules.TEXT_OUTSIDE_CODE(*outside[:_SHOWN], confidence=sure["outside"])


def _starts(macros: Macros) -> Iterator[_Start]:
    count = 0
    for node in macros.program.nodes:
        if node.words.isdisjoint(_STARTING):
            continue
        code = macros.program.modules[node.module].source.low
        for found in _STARTS.finditer(code, node.procedure.start, node.procedure.end):
            name = found[1] or found[2]
            if name == "create" and not node.words & {"showwindow", "getobject", "createobject"}:
                continue
            count += 1
            if count > _STARTS_READ:
                return
            end = code.find("\n", found.end())
            end = len(code) if end < 0 else end
            call = Span(node.module, found.start(), end)
            yield _Start(name, call, Span(node.module, found.end(), _argument_end(code, found.end(), end)))


def _argument_end(code: str, at: int, end: int) -> int:
    """End of the parenthesis that opens here, or of the first argument."""
    depth = 0
    for index in range(at, min(end, at + 4096)):
        if code[index] == "(":
            depth += 1
        elif code[index] == ")":
            depth -= 1
            if depth <= 0:
                return index + 1
        elif code[index] == "," and depth <= 1:
            return index
    return end


def _concealed_object(macros: Macros, start: _Start) -> Evidence | None:
    """The place of a creation whose class is not said anywhere that leads to it."""
    if start.name not in ("createobject", "getobject"):
        return None
    span = start.argument
    code = macros.program.modules[span.module].source.low
    if not set(words_in(code[span.start : span.end])) - {"chr", "chrw", "chrb"}:
        return None
    spans = macros.program.made_of(span, KNOWN)
    used = _words(macros, spans)
    literals = [constant for one in spans for _, constant in macros.constants(one)]
    values = [constant.value.strip() for constant in literals if constant.terms == 1]
    decoding = bool(used & _DECODING)
    told = any(_KNOWN_CLASS.match(value) or _FULL_CLASS.fullmatch(value) for value in values)
    if told and not used & _HARD and not (decoding and start.name == "createobject" and len(used & _DECODING) > 2):
        return None
    if start.name == "getobject" and not decoding:
        joined = code.count("+", span.start, span.end) + code.count("&", span.start, span.end)
        if any(_FILE.search(value) for value in values) or not joined:
            return None
    return macros.evidence(span.module, start.call.start, macros.line_at(span.module, start.call.start))


def _strings(macros: Macros) -> Iterator[Finding]:
    pieces: list[Evidence] = []
    split: list[Evidence] = []
    encoded: list[Evidence] = []
    many = characters = 0
    for index, one in macros.constants():
        macros.program.budget.spend(RECORD + len(one.value))
        value = one.value
        if (one.terms >= 4 and len(value) <= 8 * one.terms) or one.characters >= 4:
            many += one.terms
            characters += one.characters
            if len(pieces) < _SHOWN:
                pieces.append(macros.evidence(index, one.start, value))
        if one.terms > 1 and len(split) < _SHOWN and (name := _split_name(macros, index, one.start, one.end, value)):
            split.append(macros.evidence(index, one.start, name))
        if len(value) >= 160 and len(encoded) < _SHOWN and (kind := _encoding(value)):
            encoded.append(macros.evidence(index, one.start, f"{len(value)} characters of {kind}"))
    for index, module in enumerate(macros.program.modules):
        if numbers := _NUMBERS.search(module.source.low):
            encoded.append(macros.evidence(index, numbers.start(), "array of numbers"))
    if many >= 24 or characters >= 12:
        yield rules.STRING_PIECES(*pieces)
    if split:
        yield rules.SPLIT_NAME(*split[:_SHOWN])
    if encoded:
        yield rules.ENCODED_TEXT(*encoded[:_SHOWN])


def _split_name(macros: Macros, module: int, start: int, end: int, value: str) -> str:
    """A dangerous name that a constant makes, when none of its literals has it."""
    text = value.lower()
    if len(text) > 4096:
        return ""
    names = [one for one in (*OBJECTS, "win32_process", "winmgmts", *programs_in(value)) if one in text]
    parts = [one.lower() for _, one in macros.program.modules[module].source.literals(start, end)]
    return next((one for one in names if not any(one in part for part in parts)), "")


def _encoding(value: str) -> str:
    if _HEX.search(value):
        return "hexadecimal codes"
    if _DECIMAL.search(value):
        return "decimal codes"
    found = _BASE64.search(value)
    if found is None:
        return ""
    text = found[0]
    mixed = any(one.isdigit() for one in text) and any(one.islower() for one in text)
    return "base64" if mixed and any(one.isupper() for one in text) and len(set(text)) > 24 else ""


def _filler(macros: Macros) -> Iterator[Finding]:
    names = survey(macros.program)
    idle = len(names.unset) + len(names.unread)
    size = calls = most = 0
    worst = (0, 0)
    for index, module in enumerate(macros.program.modules):
        size += len(module.source.code)
        macros.program.budget.spend(4 * len(module.source.code))
        count, first = _idle_calls(module.source.code)
        calls += count
        if count > most:
            most, worst = count, (index, first)
    shown = []
    odd = len(names.unread) + sum(1 for name in names.unset if is_random(name))  # others may be of a missing library
    if idle >= 12 and idle >= 0.4 * names.own and odd >= 0.2 * idle:
        text = f"{idle} of {names.own} names are only read or only set: {_sample(names.unset + names.unread)}"
        shown.append(macros.evidence(*_worst(macros, names.unset + names.unread), text))
    if calls >= 12 and calls * 1000 >= size:
        shown.append(macros.evidence(*worst, f"{calls} functions called on plain numbers"))
    if shown:
        yield rules.JUNK_CODE(*shown)
    stems = {name.lower().rstrip("0123456789") for name in names.random}  # a numbered series is one name
    if len(stems) >= 7 and len(names.random) >= 0.45 * names.rated:
        text = f"{len(names.random)} of {names.rated} names: {_sample(names.random)}"
        yield rules.RANDOM_NAMES(macros.evidence(*_worst(macros, names.random), text))


def _sample(names: tuple[str, ...]) -> str:
    return ", ".join(name[:_SHOWN_NAME] for name in names[:_SHOWN])


def _worst(macros: Macros, names: tuple[str, ...]) -> tuple[int, int]:
    """The module that has the most of these names, and the offset of its first one in the code."""
    known = frozenset(name.lower() for name in names)
    worst, most = (0, 0), 0
    for index, module in enumerate(macros.program.modules):
        code = module.source.low
        macros.program.budget.spend(10 * len(code))
        places: dict[str, int] = {}
        for found in WORD.finditer(code):
            if found[0] in known:
                places.setdefault(found[0], found.start())
        if len(places) > most:
            worst, most = (index, min(places.values())), len(places)
    return worst


def _idle_calls(code: str) -> tuple[int, int]:
    """How many functions of numbers are called on plain numbers, and where first."""
    calls = [
        found.start()
        for found in _NUMBER_ARGUMENT.finditer(code)
        if _IDLE_FUNCTION.search(code[max(found.start() - 9, 0) : found.start()])
    ]
    return len(calls), calls[0] if calls else 0


def _words(macros: Macros, spans: tuple[Span, ...]) -> frozenset[str]:
    used: set[str] = set()
    for one in spans:
        macros.program.budget.spend(TOKEN)
        used |= macros.program.words(one)
    return frozenset(used)


def _texts_outside(macros: Macros, spans: tuple[Span, ...], used: frozenset[str]) -> list[str]:
    """What a value is made of that stands in controls, forms and properties of the document."""
    modules = macros.program.modules
    controls = {name.lower() for one in modules for name in controls_of(one.source)}
    found = used & (_OUTSIDE | controls)
    forms = used & {one.name.lower() for one in modules if one.kind == "form"}
    if forms:
        read = re.compile(
            rf"(?i)\b({'|'.join(re.escape(name) for name in sorted(forms))})\.\w+(?:\.(?:text|value))?(?!\w)"
        )
        for one in spans:
            found |= {hit[0].lower() for hit in read.finditer(modules[one.module].source.code, one.start, one.end)}
    return sorted(found)
