"""Scripts with the covers off: what strings say once they are joined, decoded, turned round and rid of junk.

A first unfolding by text alone, the same for JScript, VBScript, PowerShell and batch: no grammar, no values, nothing
is run. It is made to bring words to light, not to be run in turn; each step is linear in the text.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from emotriage.emulation.literals import Payload, payloads
from emotriage.emulation.powershell.commands import inner_command
from emotriage.emulation.powershell.run import run as run_powershell
from emotriage.model.limits import TOKEN, Budget

_ROUNDS = 4
_LAYERS = 96
_TOKENS = 12
LARGE = 1 << 20
_AGAIN = (LARGE, 256 << 10)
"""Longest layer that is unfolded again: of the script itself, and of what came out of it."""
_PLACES = 200
_LINE = 64 << 10
_NAMED = 8
_SHELL = re.compile(r"(?i)\s{0,40}\"?(?:[^\n\"|<>]{0,260}[\\/ ])?(?:powershell|pwsh)(?:\.exe)?\"?\s")
_SWITCHES = re.compile(r"(?i)\s{0,400}-(?:nop|noni|nol|w\w{0,12}|ep|ex\w{0,14}|sta|c\w{0,7}|e\w{0,14})\s{1,400}\S")
_I = re.IGNORECASE

_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})|\\u\{([0-9a-fA-F]{2})\}|\\([01][0-7]{2})")
_COMMENT = re.compile(r"/\*[^*]{0,200}\*/|<#\s[^#]{0,200}#>")
_CODE = re.compile(
    r"(?:\bchr[wb]?\s{0,4}\(\s{0,4}(?:&h([0-9a-f]{1,4})&?|(\d{1,5}))\s{0,4}(?:([-+*/^]|xor)\s{0,4}(\d{1,5})\s{0,4})?\))"
    r"|\[(?:system\.)?char\]\s{0,4}\(?(?:0x([0-9a-f]{2,4})|(\d{2,3}))\)?",
    _I,
)
_CODES = re.compile(r"fromcharcode[\"'\]]{0,2}\s{0,4}\(([\s\d,x+a-f-]{1,200000})\)", _I)
_GLUE = re.compile(r"[\"'](?:\)|\s){0,8}[+&](?:\(|\s|_\s){0,8}[\"']")
_BACKTICK = re.compile(r"`(?<=\w`)(?=\w)")
_LIST = re.compile(r"[\"']\s{0,8},\s{0,8}[\"']")
_FORMAT = re.compile(r"[\"']((?:\{\d{1,2}\}){2,99})[\"']\s{0,4}\)?\s{0,4}-f\s{0,4}", _I)
_LITERAL = re.compile(r"\s{0,8},?\s{0,8}(?:\"([^\"\n]{0,500})\"|'([^'\n]{0,500})')")
_REMOVED = re.compile(
    r"\.split\(\s{0,4}([\"'])([^\"'\n]{1,60})\1\s{0,4}\)\s{0,4}(?:\.|\[[\"'])\s{0,4}join[\"'\]]{0,2}\(\s{0,4}[\"']([^\"'\n]{0,8})[\"']"
    r"|\breplace[\"'\]]{0,2}\(\s{0,4}/([^/\n\\^$.|?*+()\[{]{1,60})/g[mi]{0,2}\s{0,4},\s{0,4}[\"']([^\"'\n]{0,8})[\"']"
    r"|\breplace\s{0,4}\([^\"'\n]{0,80},\s{0,4}([\"'])([^\"'\n]{1,60})\6\s{0,4},\s{0,4}[\"']([^\"'\n]{0,8})[\"']"
    r"|-c?i?replace\s{0,4}\(?([\"'])([^\"'\n]{1,60})\9\s{0,4},\s{0,4}[\"']([^\"'\n]{0,8})[\"']"
    r"|\.replace\(\s{0,4}([\"'])([^\"'\n]{1,60})\12\s{0,4},\s{0,4}[\"']([^\"'\n]{0,8})[\"']",
    _I,
)
_PERCENT = re.compile(r"%([0-9a-fA-F]{2})")
_FILLERS = "?-!,;|~_ #@^*.:/%&$<>=+"
_SPLIT = re.compile(
    r"[\"']([^\"'\n]{12,4000})[\"']\s{0,4}\)?\s{0,4}(?:\.|\[[\"'])split[\"'\]]{0,2}\(\s{0,4}[\"']([^\"'\n]{1,8})[\"']",
    _I,
)
_PIECE = re.compile(r"[\"']([^\"'\n\\]{2,10})[\"']")
_BACKWARDS = (
    "tpircsw",
    "llehs.tpircsw",
    "tcejboetaerc",
    "ptthlmx",
    "maerts.bdoda",
    "llehsrewop",
    "elifotevas",
    "//:ptth",
    "//:sptth",
    "exe.dmc",
)
"""Words that only a text read from its end has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What a script, or a part of it, says after some steps.

    Attributes:
        text: the words.
        steps: what was undone to see them, outermost first.
        line: line of the script that it begins on, from 1; 0 is the whole script.
    """

    text: str
    steps: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Unfolded:
    """What came out of a script.

    Attributes:
        layers: in the order they were found.
        payloads: the binary data that literals hold.
        flats: texts that were unfolded, each with what `flatten` made of it.
    """

    layers: tuple[Layer, ...]
    payloads: tuple[Payload, ...]
    flats: dict[str, str]


def unfold(text: str, budget: Budget) -> Unfolded:
    """Take the covers off a script, layer by layer.

    Args:
        text: the script, or what another interpreter made of it.
        budget: charged for every pass over the text.
    """
    layers: list[Layer] = []
    binaries: list[Payload] = []
    flats: dict[str, str] = {}
    seen = {text}
    room = 3 * len(text) + (1 << 20)
    queue = deque([(Layer(text, ()), 0)])
    while queue and len(layers) < _LAYERS:
        layer, depth = queue.popleft()
        budget.spend(40 * len(layer.text))
        flat, steps = flatten(layer.text)
        flats[layer.text] = flat
        flats.setdefault(flat, flat)
        found = [Layer(flat, (*layer.steps, *steps), layer.line)] if steps else []
        for one in payloads(flat, budget):
            if one.text is None:
                binaries.append(one)
            else:
                line = layer.line or flat.count("\n", 0, one.offset) + 1
                found.append(Layer(one.text, (*layer.steps, one.encoding), line))
        for text_, step in _rearranged(flat):
            found.append(Layer(text_, (*layer.steps, step), layer.line))
        if not depth:
            found += (Layer(one, ("powershell",), layer.line) for one in _powershell(layer.text, budget))
        for one_layer in found:
            if one_layer.text in seen or room <= 0:
                continue
            seen.add(one_layer.text)
            room -= len(one_layer.text)
            layers.append(one_layer)
            if depth < _ROUNDS and one_layer.text != flat and len(one_layer.text) <= _AGAIN[min(depth, 1)]:
                queue.append((one_layer, depth + 1))
    return Unfolded(tuple(layers), tuple(binaries), flats)


def flatten(text: str) -> tuple[str, tuple[str, ...]]:
    """Text without escapes, character codes and joints between literals; and which of them there were."""
    steps: list[str] = []
    low = text.lower()
    passes: tuple[tuple[str, tuple[str, ...], Callable[[str], str]], ...] = (
        ("escapes", ("\\",), lambda one: _ESCAPE.sub(_unescape, one)),
        ("comments", ("*/", "#>"), lambda one: _COMMENT.sub("", one)),
        ("character-codes", ("fromcharcode",), lambda one: _CODES.sub(_spell, one)),
        ("character-codes", ("chr", "char]"), lambda one: _CODE.sub(_letter, one)),
        ("backticks", ("`",), lambda one: _BACKTICK.sub("", one)),
        ("format-string", ("-f",), _formatted),
        ("joined-strings", ("+", "&"), lambda one: _GLUE.sub("", one)),
    )
    for name, needles, one in passes:
        if any(needle in low for needle in needles) and (changed := one(text)) != text:
            text = changed
            if name not in steps:
                steps.append(name)
    return text, tuple(steps)


def _powershell(text: str, budget: Budget) -> Iterator[str]:
    """What PowerShell would run as code, and fetch, when it is given a command line."""
    if len(text) > _LINE or not (_SHELL.match(text) or _SWITCHES.match(text)):
        return
    line = text if _SHELL.match(text) else f"powershell {text}"
    run = run_powershell(inner_command(line), budget)
    yield from (one.text for one in run.layers[1:])
    for one in run.effects:
        if one.kind in ("fetch", "start") and len(one.what) > _NAMED and one.what.lower() not in text.lower():
            yield one.what


def _rearranged(flat: str) -> Iterator[tuple[str, str]]:
    """The text in other orders: lists joined, junk removed, read backwards."""
    listed, count = _LIST.subn("", flat)
    if count >= 8:
        yield listed, "joined-list"
    low = flat.lower()
    removed = flat
    tokens = _removed_tokens(flat, low)
    for token, other in tokens.items():
        removed = removed.replace(token, other)
    if removed != flat:
        yield removed, "replaced"
    if flat.count("%") >= 12 and len(_PERCENT.findall(flat)) >= 12:
        yield _PERCENT.sub(_unquote, flat), "percent"
    if spaced := _unspaced(flat):
        yield spaced, "spaced"
    if any(word in low for word in _BACKWARDS):
        yield flat[::-1], "reversed"


def _removed_tokens(flat: str, low: str) -> dict[str, str]:
    """What the script replaces in its strings, and by what."""
    tokens: dict[str, str] = {}
    for needle in ("split", "replace"):
        at = low.find(needle)
        for _ in range(_PLACES):
            if at < 0 or len(tokens) >= _TOKENS:
                break
            if one := _REMOVED.search(flat, max(at - 3, 0), at + 300):
                groups = [group for group in one.groups() if group is not None and group not in ("'", '"')]
                if groups:
                    tokens.setdefault(groups[0], groups[1] if len(groups) > 1 else "")
            at = low.find(needle, at + 1)
    return tokens


def _unspaced(flat: str) -> str:
    """What stretches say in which every second character is the same filler."""
    counts = sorted(((flat.count(filler), filler) for filler in _FILLERS), reverse=True)
    out = []
    for count, filler in counts[:3]:
        if count >= 60:
            mark = re.escape(filler)
            pairs = re.compile(rf"{mark}(?:[^\n{mark}]{mark}){{30,}}")
            out += [flat[max(one.start() - 1, 0) : one.end()][::2] for one in pairs.finditer(flat)]
    return "\n".join(out)


def _unescape(match: re.Match[str]) -> str:
    code = int(match[4], 8) if match[4] is not None else int(match[1] or match[2] or match[3], 16)
    letter = chr(code)
    return letter if letter.isprintable() and letter not in "\"'\\" else match[0] if code > 126 else " "


def _unquote(match: re.Match[str]) -> str:
    letter = chr(int(match[1], 16))
    return letter if letter.isprintable() or letter in "\r\n\t" else match[0]


def _letter(match: re.Match[str]) -> str:
    if match[5] or match[6]:
        code = int(match[5], 16) if match[5] else int(match[6])
    else:
        code = int(match[1], 16) if match[1] else int(match[2])
        if match[4]:
            other = int(match[4])
            sign = match[3].lower()
            if sign == "+":
                code += other
            elif sign == "-":
                code -= other
            elif sign == "*":
                code *= other
            elif sign == "/":
                code = code // other if other else -1
            else:
                code ^= other
    return f'"{chr(code)}"' if 31 < code < 0xD800 and code != 34 else '" "' if code in (9, 10, 13, 34) else match[0]


def _spell(match: re.Match[str]) -> str:
    letters = []
    for one in match[1].split(","):
        try:
            code = int(one.strip(), 0)
        except ValueError:
            return match[0]
        letters.append(chr(code) if 0 <= code < 0xD800 else " ")
    return '"' + "".join(letters).replace('"', " ") + '"'


def _formatted(text: str) -> str:
    out = []
    last = 0
    for one in _FORMAT.finditer(text):
        if one.start() < last:
            continue
        values: list[str] = []
        end = one.end()
        while len(values) < 100 and (literal := _LITERAL.match(text, end)):
            values.append(literal[1] if literal[1] is not None else literal[2])
            end = literal.end()
        if not values:
            continue
        order = [int(index) for index in re.findall(r"\d{1,2}", one[1])]
        out += [text[last : one.start()], '"', "".join(values[index] for index in order if index < len(values)), '"']
        last = end
    return "".join([*out, text[last:]]) if out else text


def tiled(flat: str, words: Iterable[str], budget: Budget) -> Iterator[str]:
    """Words that short literals of a script make up when they are laid end to end.

    Args:
        flat: the script, after `flatten`.
        words: lower-case words worth looking for.
        budget: charged for the pass over the text.
    """
    budget.spend(8 * len(flat))
    pieces = {one.lower() for one in set(_PIECE.findall(flat))}
    for one in _SPLIT.finditer(flat):
        budget.spend(TOKEN + len(one[1]))
        pieces.update(part for part in one[1].lower().split(one[2].lower()) if 1 < len(part) < 11)
    for word in words:
        fewest = [0, *[99] * len(word)]
        for end in range(2, len(word) + 1):
            for start in range(max(end - 10, 0), end - 1):
                if end - start < len(word) and word[start:end] in pieces:
                    fewest[end] = min(fewest[end], fewest[start] + 1)
        if fewest[-1] <= max(3, len(word) // 3):
            yield word
