"""Lures: what the text of a document says to have its macros enabled, found in clear text and in raw streams."""

import re
from dataclasses import dataclass, field
from functools import cache
from typing import AnyStr, Generic

from emotriage.emulation.lure_phrases import LANGUAGES, Language
from emotriage.model.limits import Budget

OVERLAP = 512
"""More than the longest phrase takes, in bytes or characters."""
_COST = 8
_BLANKS = re.compile(r"[\s\u00a0\u3000\u200b]+")


@dataclass(frozen=True, slots=True)
class _Needles(Generic[AnyStr]):
    """The phrases of one language as they stand in one kind of text."""

    stems: tuple[AnyStr, ...]
    calls: tuple[tuple[AnyStr, str], ...]
    pretexts: tuple[tuple[AnyStr, str], ...]


@dataclass(slots=True)
class Lure:
    """What was found so far.

    Attributes:
        languages: the phrases that are looked for.
        calls: phrases that ask for a click, each once.
        pretexts: phrases that say why, each once.
    """

    languages: tuple[Language, ...] = LANGUAGES
    calls: dict[str, None] = field(default_factory=dict)
    pretexts: dict[str, None] = field(default_factory=dict)

    def read(self, text: str, budget: Budget) -> None:
        """Look for phrases in clear text; long texts in pieces that overlap."""
        budget.spend(_COST * len(text))
        self._search(_BLANKS.sub(" ", text).lower().replace("i\u0307", "i"), _of_text(self.languages))

    def scan(self, window: bytes, budget: Budget) -> None:
        """Look for phrases in bytes that hold text as UTF-16 or in a code page, among others."""
        budget.spend(_COST * len(window))
        self._search(window.lower(), _of_bytes(self.languages))

    def _search(self, text: AnyStr, needles: "tuple[_Needles[AnyStr], ...]") -> None:
        for one in needles:
            if any(stem in text for stem in one.stems):
                self.calls |= {phrase: None for needle, phrase in one.calls if needle in text}
        if self.calls:
            for one in needles:
                self.pretexts |= {phrase: None for needle, phrase in one.pretexts if needle in text}


@cache
def _of_text(languages: tuple[Language, ...]) -> tuple[_Needles[str], ...]:
    return tuple(
        _Needles(one.stems, tuple((text, text) for text in one.calls), tuple((text, text) for text in one.pretexts))
        for one in languages
    )


@cache
def _of_bytes(languages: tuple[Language, ...]) -> tuple[_Needles[bytes], ...]:
    """Each language in UTF-16 and in its code page; letters beyond ASCII must be in lower case there."""
    found = []
    for one in languages:
        for encoding in ("utf-16-le", one.code_page):
            stems, calls, pretexts = (
                tuple((raw, text) for text in texts if (raw := _spelled(text, encoding)))
                for texts in (one.stems, one.calls, one.pretexts)
            )
            found.append(_Needles(tuple(raw for raw, _ in stems), calls, pretexts))
    return tuple(found)


def _spelled(text: str, encoding: str) -> bytes:
    try:
        return text.encode(encoding).lower()
    except UnicodeEncodeError:
        return b""
