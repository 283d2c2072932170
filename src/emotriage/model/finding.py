"""`Rule`: what something means, declared once. `Finding`: that it was seen, and where.

Declaring a rule gives the function that reports it::

    AUTORUN = Rule(id="vba.autorun", title="Macro runs when the document opens", severity=Severity.LOW, ...)
    yield AUTORUN(Evidence("AutoOpen", where="ThisDocument:12"))
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from emotriage.model.errors import UsageError

GUESS = 0.3
"""Confidence of a guess: it lends points, but no traits."""


class Severity(IntEnum):
    """How much one rule says on its own, in points of 100."""

    INFO = 0
    LOW = 5
    MEDIUM = 15
    HIGH = 40
    CRITICAL = 100


class Trait(StrEnum):
    """What a finding contributes to an intent; chains of the policy are spelled in these."""

    AUTORUN = "autorun"  # starts without being asked
    DOWNLOAD = "download"  # fetches from elsewhere
    WRITE = "write"  # writes files
    EXECUTE = "execute"  # starts programs, scripts or code
    OBFUSCATE = "obfuscate"  # hides what it says
    EVADE = "evade"  # hides that it is there, or looks who is watching
    LURE = "lure"  # talks the reader into a click
    PERSIST = "persist"  # stays


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was seen.

    Attributes:
        text: what it says, shortened by whoever shows it; from the input, so never trusted.
        where: the place in the artifact as its readers name it: ``Module1:12``, ``Macro1!A3``, ``word/document.xml``.
        offset: byte offset in the artifact, where there is one.
    """

    text: str
    where: str = ""
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule seen in an artifact; see `Rule` for the meaning of the copied fields."""

    rule: str
    title: str
    severity: Severity
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    incomplete: bool = False
    traits: frozenset[Trait] = frozenset()
    attack: tuple[str, ...] = ()
    artifact: int = 0

    @property
    def family(self) -> str:
        """The part of the rule's id before the dot."""
        return self.rule.partition(".")[0]

    @property
    def weight(self) -> int:
        """Points this finding brings on its own."""
        return round(self.severity * self.confidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a finding means.

    Attributes:
        id: ``family.kebab-case``; stable, never re-used, reads as a fact.
        title: one line for people.
        severity: what it says on its own.
        explanation: what it is and why it matters.
        false_positives: where honest files do this.
        traits: what it contributes to an intent.
        attack: MITRE ATT&CK technique ids.
        incomplete: the finding is a gap: something was not looked at, and the verdict can't be clean.
    """

    id: str
    title: str
    severity: Severity
    explanation: str
    false_positives: str
    traits: frozenset[Trait] = frozenset()
    attack: tuple[str, ...] = ()
    incomplete: bool = False

    def __post_init__(self) -> None:
        """Hold plugin authors to the form of an id."""
        if not re.fullmatch(r"[a-z][a-z0-9]*\.[a-z0-9]+(-[a-z0-9]+)*", self.id):
            raise UsageError(f"rule id {self.id!r} is not of the form family.kebab-case")

    @property
    def family(self) -> str:
        """The part of the id before the dot; points are capped a family."""
        return self.id.partition(".")[0]

    def __call__(self, *evidence: Evidence, confidence: float = 1.0) -> Finding:
        """Report this rule; the walk stamps the artifact."""
        return Finding(
            rule=self.id,
            title=self.title,
            severity=self.severity,
            evidence=evidence,
            confidence=confidence,
            incomplete=self.incomplete,
            traits=frozenset() if confidence <= GUESS else self.traits,
            attack=self.attack,
        )
