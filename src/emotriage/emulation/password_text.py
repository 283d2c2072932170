"""Passwords that the text of a mail gives away: harvested, scored, and ordered by how surely they are meant.

Texts are folded (NFKC, zero-width characters dropped) so that full-width letters and digits read as plain ones; where
the spelling as it stands differs, both are candidates, because either may have been typed into the archiver. The values
go to whoever opens an attachment and nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice

from emotriage.emulation.password_words import COPULA, DATE, STRONG, WEAK
from emotriage.model.limits import RECORD, TOKEN, Budget

KEPT = 64
"""Most candidates that survive."""
SURE = 70
"""Score from which a candidate is announced as a password, and no mere guess."""

_DATES = 16
_FAINT = 10
_TEXT = 256 << 10
_MATCHES = 400
_LINE = 400
_REACH = 4
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_PAIRS = tuple("「」 『』 【】 〔〕 〈〉 《》 () [] <> {} \"\" '' `` “” ‘’ «» „“ ‚‘ ※※ ** __".split())  # noqa: RUF001, SIM905  what people write
_OPENERS = frozenset(one[0] for one in _PAIRS)
_BRACKETED = re.compile(
    "|".join(
        f"{re.escape(one[0])}[ \\t]{{0,4}}([^\\n{re.escape(one)}]{{1,64}}?)[ \\t]{{0,4}}{re.escape(one[1])}"
        for one in _PAIRS
    )
)
_CLOSERS = re.compile("[ \t]{0,4}[)\\]】」』〕〉》>*_\"'”’»■□◆◇●○★☆]{0,4}")  # noqa: RUF001  what people write
_TOKEN = re.compile(r"[^\s「」『』【】〔〕〈〉《》“”、。]{2,64}")  # noqa: RUF001  what people write
_ASCII = re.compile(r"[!-~]{2,64}")
_BEHIND = re.compile(
    r"(?:です|でございます|になります|となります|となっております|にて|で(?:お|ご|す|開|解)|を(?:入力|ご|お|使)|と(?:な|入)|입니다|이며).*$"
)
_TRAILING = ".,;:!?)]>}\"'*。、"
_LEADING = "([<{\"'*:=-"
_CELLS = re.compile(r"[ \t]*(?:\t|\||[ ]{3,}| {2,}(?=\S))[ \t|]*")
_SPACED = re.compile(r"(?<!\S)(?:[!-~][ \t]){3,31}[!-~](?!\S)")
_FILLER_WORDS = """
a an and are as at be below by file following follows for from has have here in is it of on protected sent that the this
to was will with you your attached attachment archive document please
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_DIGIT = re.compile(r"\d")
_URL = re.compile(r"https?://|www\.|@[a-z0-9-]+\.[a-z]")
_ADDRESSED = re.compile(
    r"(?:別途|後ほど|別メール|追って|次のメール|separate(?:ly)?|another (?:e-?)?mail|next (?:e-?)?mail)"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A string that may be a password.

    Attributes:
        value: kept out of all output.
        score: 0 to 100; how surely the text means it.
    """

    value: str
    score: int

    def __repr__(self) -> str:
        """Say how good it is, and not what."""
        return f"Candidate(score={self.score})"


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text as it is compared, and where each of its characters stood in the text as it is."""

    text: str
    plain: str
    places: tuple[int, ...] | None

    def literal(self, start: int, stop: int) -> str:
        if self.places is None:
            return self.plain[start:stop]
        end = self.places[stop] if stop < len(self.places) else len(self.plain)
        return self.plain[self.places[start] : end]


def harvest(
    texts: Iterable[str], budget: Budget, sent: Iterable[date] = (), names: Iterable[str] = ()
) -> tuple[Candidate, ...]:
    """The best candidates of a mail, best first.

    Args:
        texts: subject and bodies, each as a person reads it.
        budget: charged for every character and match.
        sent: days on which the mail was written, by the clocks it names.
        names: of its attachments.
    """
    best: dict[str, tuple[int, int]] = {}
    dated = False
    for text in texts:
        folded = _fold(_INVISIBLE.sub("", text[:_TEXT]).replace("\r\n", "\n").replace("\r", "\n"), budget)
        low = folded.text.lower()
        dated = dated or (DATE.search(low) is not None and STRONG.search(low) is not None)
        spans: dict[tuple[int, int], int] = {}
        for start, stop, score in _spans(folded, budget):
            spans[start, stop] = max(score, spans.get((start, stop), score))
        for (start, stop), score in spans.items():
            for value, points in _variants(folded, start, stop, score):
                if 2 <= len(value) <= 128 and points >= _FAINT:
                    known = best.get(value)
                    best[value] = (min(known[0], -points), known[1]) if known else (-points, len(best))
    for value in _dates(sent):
        known = best.get(value)
        points = 70 if dated else 20
        best[value] = (min(known[0], -points), known[1]) if known else (-points, len(best))
    for name in names:
        stem = unicodedata.normalize("NFKC", name).rpartition(".")[0]
        if 2 <= len(stem) <= 64:
            best.setdefault(stem, (-15, len(best)))
    ordered = sorted(best.items(), key=lambda one: one[1])
    said = [Candidate(value, -rank[0]) for value, rank in ordered if -rank[0] > 20]
    guessed = [Candidate(value, -rank[0]) for value, rank in ordered if -rank[0] <= 20]
    return tuple(said[: KEPT - min(len(guessed), _DATES)] + guessed)[:KEPT]


def _fold(text: str, budget: Budget) -> _Folded:
    if text.isascii():
        budget.spend(4 * len(text))
        return _Folded(text, text, None)
    budget.spend(100 * len(text))
    out: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        width = 2 if text[at + 1 : at + 2] in ("\uff9e", "\uff9f") else 1
        for one in _nfkc(text[at : at + width]):
            out.append(one)
            places.append(at)
        at += width
    return _Folded("".join(out), text, tuple(places))


@lru_cache(maxsize=4096)
def _nfkc(piece: str) -> str:
    return unicodedata.normalize("NFKC", piece).replace("ﾞ", "").replace("\u2212", "-")


def _spans(folded: _Folded, budget: Budget) -> Iterator[tuple[int, int, int]]:
    """(start, stop, score) of every stretch that may be a password."""
    low = folded.text.lower()
    if len(low) != len(folded.text):  # some capitals have longer small letters; positions would be off
        low = "".join(one.lower() if len(one.lower()) == 1 else one for one in folded.text)
    budget.spend(40 * len(low))
    strong = [one.span() for one in islice(STRONG.finditer(low), _MATCHES)]
    weak = [one.span() for one in islice(WEAK.finditer(low), _MATCHES)]
    inside = {at for start, stop in strong for at in range(start, stop)}
    places = [(start, stop, 0) for start, stop in strong]
    places += [(start, stop, -35) for start, stop in weak if start not in inside]
    for start, stop, worth in places[:_MATCHES]:
        budget.spend(800 * TOKEN)
        for begin, end, score in _around(low, start, stop):
            budget.spend(RECORD)
            yield begin, end, score + worth


def _around(low: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """What stands where a password stands, for one announcement."""
    line_start = low.rfind("\n", max(start - _LINE, 0), start) + 1 or max(start - _LINE, 0)
    line_end = low.find("\n", end, end + _LINE)
    line_end = line_end if line_end >= 0 else min(end + _LINE, len(low))
    behind = _CLOSERS.match(low, end, line_end)
    at = behind.end() if behind else end
    copula = COPULA.match(low, at, line_end)
    said = copula.end() if copula else at
    yield from _same_line(low, said, line_end, 100 if copula else 80)
    rest = low[said:line_end].strip(" \t=|-")
    if not rest.strip(":"):
        yield from _next_lines(low, line_end, 90)
    else:
        yield from _next_lines(low, line_end, 85 if rest.endswith(":") else 30 if _ASCII.search(rest) else 70)
    yield from _columns(low, line_start, start, line_end)
    for one in _BRACKETED.finditer(low, line_start, start):
        group = one.lastindex or 0
        yield one.start(group), one.end(group), 65
    for one in list(_ASCII.finditer(low, line_start, start))[-4:]:
        yield one.start(), one.end(), 50 if _DIGIT.search(one[0]) else 25
    for number, one in enumerate(_ASCII.finditer(low, said, line_end)):
        if number >= 12:
            break
        yield one.start(), one.end(), 45 if _DIGIT.search(one[0]) else 25


def _same_line(low: str, at: int, stop: int, score: int) -> Iterator[tuple[int, int, int]]:
    if one := _BRACKETED.match(low, at, stop):
        group = one.lastindex or 0
        yield one.start(group), one.end(group), score
    elif (one := _BRACKETED.search(low, at, stop)) and one.start() - at < 40:
        group = one.lastindex or 0
        yield one.start(group), one.end(group), score - 15
    if one := _SPACED.match(low, at, stop):
        yield one.start(), one.end(), score - 2
    if one := _TOKEN.match(low, at, stop):
        yield one.start(), one.end(), score - 1
        whole = low[at:stop].rstrip()
        if " " in whole and len(whole) <= 64:
            yield at, at + len(whole), score - 40


def _next_lines(low: str, line_end: int, score: int) -> Iterator[tuple[int, int, int]]:
    at = line_end
    met = 0
    for _ in range(_REACH):
        begin = at + 1
        if begin >= len(low):
            return
        end = low.find("\n", begin, begin + _LINE)
        end = end if end >= 0 else min(begin + _LINE, len(low))
        line = low[begin:end]
        bare = line.strip(" \t|>-=_*:")
        at = end
        if not bare:
            continue
        start = begin + line.index(bare)
        if one := _BRACKETED.match(low, start, end):
            group = one.lastindex or 0
            yield one.start(group), one.end(group), score
        if len(bare) <= 64:
            alone = " " not in bare and "\u3000" not in bare
            if _SPACED.match(bare) or alone:
                yield start, start + len(bare), score if _ASCII.search(bare) else score - 30
            elif one := _ASCII.search(low, start, start + len(bare)):
                yield one.start(), one.end(), score - 40
        met += 1
        if met >= 2:
            return
        score -= 20


def _columns(low: str, line_start: int, start: int, line_end: int) -> Iterator[tuple[int, int, int]]:
    """The cells below an announcement that heads a column."""
    header = low[line_start:line_end]
    cells = _CELLS.split(header[:_LINE])
    if len(cells) < 2:
        return
    column = len(_CELLS.findall(header[: start - line_start]))
    at = line_end
    for _ in range(8):
        begin = at + 1
        end = low.find("\n", begin, begin + _LINE)
        if begin >= len(low):
            return
        end = end if end >= 0 else min(begin + _LINE, len(low))
        at = end
        row = low[begin:end]
        if not row.strip(" \t|-+="):
            continue
        places = [0, *(one.end() for one in _CELLS.finditer(row))]
        if column < len(places):
            cell = row[places[column] :]
            width = len(_CELLS.split(cell, maxsplit=1)[0])
            if 2 <= width <= 64:
                yield begin + places[column], begin + places[column] + width, 75


def _variants(folded: _Folded, start: int, stop: int, score: int) -> Iterator[tuple[str, int]]:
    """A stretch as it may have been meant: without the sentence's own marks, folded and as it stands."""
    forms: dict[str, int] = {}
    bracketed = start > 0 and folded.text[start - 1] in _OPENERS
    text, literal = folded.text[start:stop], folded.literal(start, stop)
    for number, one in enumerate((text,) if text == literal else (text, literal)):
        for value, points in _trimmed(one.strip(), whole=bracketed):
            forms.setdefault(value, points + score - number)
    yield from forms.items()


def _trimmed(text: str, *, whole: bool) -> Iterator[tuple[str, int]]:
    if _URL.search(text.lower()) or _ADDRESSED.match(text):
        return
    bare = _BEHIND.sub("", text).rstrip()
    trimmed = bare.rstrip(_TRAILING).lstrip(_LEADING)
    plain = _ASCII.match(unicodedata.normalize("NFKC", trimmed))
    penalty = -60 if trimmed.lower() in _FILLERS else 0 if plain else -30
    if whole:
        yield text, penalty + 1
    if _SPACED.fullmatch(trimmed):
        yield re.sub(r"[ \t]", "", trimmed), 0
    if trimmed:
        yield trimmed, penalty
    if bare != trimmed and bare:
        yield bare, penalty - 1
    if plain and plain[0] != trimmed:
        yield trimmed[: plain.end()].rstrip(_TRAILING), -2
    if text not in (bare, trimmed):
        yield text, penalty - 6


def _dates(sent: Iterable[date]) -> Iterator[str]:
    """Days in the forms that senders use for passwords."""
    for day in dict.fromkeys(sent):
        y, m, d = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
        yield from (y + m + d, m + d, y[2:] + m + d, d + m + y, m + d + y, f"{y}-{m}-{d}", f"{y}/{m}/{d}", d + m, y + m)
