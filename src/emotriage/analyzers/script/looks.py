"""How a script looks when somebody does not want it read: counts of shapes that honest scripts have few of.

The thresholds lie between what minified libraries, tables of parsers and administration scripts reach and what
generators of script malware write; `docs/accuracy.md` says on which files that was measured.
"""

import re
from collections.abc import Iterator

from emotriage.analyzers.script.signs import DECODES, HOST, Lower
from emotriage.catalogue import script as rules
from emotriage.emulation.cmd.batch import Expanded
from emotriage.model.finding import Evidence, Finding
from emotriage.model.limits import Budget

_ESCAPED_LETTER = re.compile(r"\\x(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])|\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])")
_CHR = re.compile(r"\bchrw?\s{0,4}\(\s{0,4}(?:&h)?[0-9a-f]{1,5}\s{0,4}[)+*/-]|\[char\]\s{0,4}\(?(?:0x)?[0-9a-f]{2,3}")
_SHORT = re.compile(r"(?:[\"'])(?:\\x[0-9a-fA-F]{2}|[^\"'\n\\]){1,3}[\"']")
_INDEXED = re.compile(r"[\w$]\[\d{1,6}\]\s{0,4}\+")
_CALCULATED_OBJECT = re.compile(r"(?:activexobject|createobject)[\"'\]]{0,2}\s{0,4}\(\s{0,4}(?![\"')])[\w(]")
_CALCULATED_CALL = re.compile(
    r"[\w$\])]\[\s{0,2}(?![\"'\d])[^\]\n]{1,80}\]\s{0,2}\(|[\w$\])]\[\s{0,2}[\"'][\w$]{1,12}[\"']\s{0,2}\+[^\]\n]{1,80}\]\s{0,2}[(=]"
)
_NUMBERED = re.compile(r"(?:0x[0-9a-f]{1,4}|\d{1,5})\s{0,2},\s{0,2}(?=\d)")
_NAME = re.compile(r"(?<![\w$+/=])[A-Za-z_$][\w$]{6,40}(?![\w$/=]{2})")
_NUMBER_NAME = re.compile(r"\b_0x[0-9a-f]{4,8}\b")
_LITERAL = re.compile(r"\"[^\"\n]{0,4000}\"|'[^'\n]{0,4000}'")
_XOR = re.compile(r"-bxor\b|\sxor\s|\bfromcharcode\([^)\n]{0,80}\^")
_BLOCK = re.compile(r"[A-Za-z0-9+/=]{2000,}")
_POSITIONAL = re.compile(
    r"(?:^|[\n&|])[ \t]{0,40}@?(?:call[ \t]{1,4}|start[ \t]{1,4}(?:/[a-z]{1,8}[ \t]{1,4}){0,3})?"
    r"[a-z]{1,12}%[1-9][a-z0-9]"
)
_LETTER = r"[\"'](?:\\x[0-9a-fA-F]{2}|[ -~])[\"']"
_LETTER_NAME = re.compile(
    rf"[\w$\]]\s{{0,2}}=\s{{0,2}}(?:[\[(]\d{{1,6}},\s?){{0,3}}{_LETTER}|[\[(]\d{{1,6}},\s?{_LETTER}"
)
_UNQUOTED = re.compile(r"%[0-9a-f]{2}")
_PUNCTUATION = "[]()!+{}$_~:;.,=\"'\\/*^-|&<>?%"
_NO_DIGITS = str.maketrans("", "", "0123456789_$")
_NAMES_WINDOW = 256 << 10
_CODE_WINDOW = 1 << 20
_END = 64 << 10


def concealment(text: str, budget: Budget) -> Iterator[Finding]:
    """Findings about a script's shapes.

    Args:
        text: the script as it stands; of a long one, shapes are counted in the start and the end, one MiB in all.
        budget: charged for every pass over the text.
    """
    text = text if len(text) <= _CODE_WINDOW else text[: _CODE_WINDOW - _END] + "\n" + text[-_END:]
    budget.spend(60 * len(text))
    lower = Lower(text)
    low = lower.text
    hosted = HOST.first(lower) is not None
    if (count := max(_crowd(_ESCAPED_LETTER, text, 20, 200_000), _crowd(_CHR, low, 20, 200_000))) >= 20:
        yield rules.ESCAPED(Evidence(f"{count} letters", where=_line(text, _ESCAPED_LETTER, _CHR)))
    if count := _crowd(_SHORT, text, 600, 15_000):
        yield rules.FRAGMENTS(Evidence(f"{count} strings of one to three letters", where=_line(text, _SHORT)))
    elif count := _crowd(_INDEXED, text, 60, 20_000):
        yield rules.FRAGMENTS(Evidence(f"{count} pieces out of lists", where=_line(text, _INDEXED)))
    elif (count := _count(_LETTER_NAME, text)) >= 60:
        yield rules.FRAGMENTS(Evidence(f"{count} names for single letters", where=_line(text, _LETTER_NAME)))
    elif _is_punctuation(text):
        yield rules.FRAGMENTS(Evidence("code of punctuation alone", where="line 1"))
        yield rules.RUNS_TEXT(Evidence("code of punctuation alone", where="line 1"))
    objects, calls = _count(_CALCULATED_OBJECT, low), _crowd(_CALCULATED_CALL, text, 6, 12_000)
    if hosted and (objects >= 2 or calls):
        yield rules.CALCULATED_NAMES(
            Evidence(f"{objects} objects, {calls} calls", where=_line(low, _CALCULATED_OBJECT, _CALCULATED_CALL))
        )
    if (at := low.find("@cc_on")) >= 0:
        yield rules.DEAD_CODE(Evidence("@cc_on", where=line_of(text, at)))
    if (count := _crowd(_NUMBERED, low, 400, 10_000)) and DECODES.first(lower):
        yield rules.ENCODED_DATA(Evidence(f"{count} numbers in lists", where=_line(low, _NUMBERED)))
    elif (count := _count(_NUMBERED, low)) >= 40 and (xor := _XOR.search(low)):
        yield rules.ENCODED_DATA(
            Evidence(f"{count} numbers in lists, and {xor[0].strip()}", where=_line(low, _NUMBERED))
        )
    elif (block := _BLOCK.search(text)) and DECODES.first(lower):
        yield rules.ENCODED_DATA(Evidence(f"block of {len(block[0])} characters", where=line_of(text, block.start())))
    elif ("unescape" in low or "decodeuri" in low) and (count := _crowd(_UNQUOTED, low, 60, 12_000)):
        yield rules.ENCODED_DATA(Evidence(f"{count} characters as %xx", where=_line(low, _UNQUOTED)))
    yield from _junk_names(text)


def batch_concealment(text: str, expanded: Expanded, budget: Budget) -> Iterator[Finding]:
    """Findings about what cmd.exe takes away when it reads the script."""
    budget.spend(8 * len(text))
    if expanded.slices >= 12:
        yield rules.VARIABLE_LETTERS(Evidence(f"{expanded.slices} pieces of variables", where="whole script"))
    if expanded.ghosts >= 12 or expanded.carets >= 24:
        yield rules.BROKEN_WORDS(
            Evidence(f"{expanded.ghosts} undefined variables, {expanded.carets} carets", where="whole script")
        )
    elif found := _POSITIONAL.search(text.lower()):
        around = text[found.start() : found.end() + 20].strip()
        yield rules.BROKEN_WORDS(Evidence(around, where=line_of(text, found.start())))


def _is_punctuation(text: str) -> bool:
    """True for code that spells everything with brackets and operators."""
    code = "".join(text.split())
    return len(code) > 500 and (len(code) - sum(map(code.count, _PUNCTUATION))) * 8 < len(code)


def line_of(text: str, at: int) -> str:
    """The place of a character, as readers of scripts name it."""
    return f"line {text.count(chr(10), 0, at) + 1}"


def _junk_names(text: str) -> Iterator[Finding]:
    code = _LITERAL.sub(" ", text[:_NAMES_WINDOW])
    numbered = {one[0] for one in _NUMBER_NAME.finditer(code)}
    if len(numbered) >= 12:
        yield rules.JUNK_NAMES(Evidence(f"{len(numbered)} names that are hexadecimal numbers"))
        return
    names = {one[0] for one in _NAME.finditer(code) if not one[0].isupper()}
    letters = "".join(names).translate(_NO_DIGITS)
    if len(names) >= 30 and letters:
        share = sum(map(letters.lower().count, "aeiou")) / len(letters)
        if share <= 0.245:
            yield rules.JUNK_NAMES(
                Evidence(
                    f"{len(names)} names, {round(100 * share)} % of their letters are vowels", where="whole script"
                )
            )


def _count(pattern: "re.Pattern[str]", text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _crowd(pattern: "re.Pattern[str]", text: str, count: int, within: int) -> int:
    """How often a pattern matches, if anywhere `count` matches in a row begin within so many characters; else 0.

    A density over the whole text would sink with every line of filler.
    """
    places = [found.start() for found in pattern.finditer(text)]
    crowded = any(later - first <= within for first, later in zip(places, places[count - 1 :], strict=False))
    return len(places) if crowded else 0


def _line(text: str, *patterns: "re.Pattern[str]") -> str:
    for pattern in patterns:
        if found := pattern.search(text):
            return line_of(text, found.start())
    return ""
