"""`Verdict`: what a scan says, as plain frozen data with one JSON form.

Field names are stable: fields are added, never renamed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, cast

from emotriage.model.errors import UsageError
from emotriage.model.finding import Evidence, Finding, Severity, Trait
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.padding import Run
from emotriage.model.passwords import Opened
from emotriage.model.step import Action, Step

SCHEMA = "emotriage.verdict/1"


class Level(IntEnum):
    """How bad it is; ordered.

    ``UNVERIFIED`` means that nothing bad was seen, but not all of it could be looked at.
    """

    CLEAN = 0
    UNVERIFIED = 1
    SUSPICIOUS = 2
    MALICIOUS = 3

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def parse(cls, text: str) -> "Level":
        """The level of that name, in any case.

        Raises:
            UsageError: no such level.
        """
        try:
            return cls[text.upper()]
        except KeyError:
            raise UsageError(f"no such level: {text!r}; one of {', '.join(str(one) for one in cls)}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """One blob of the tree.

    Attributes:
        id: number in walk order; the input is 0.
        parent: id of what it is inside of, None for the input.
        name: as the container or the caller gave it.
        kind: what its bytes are.
        size: bytes.
        sha256: of all its bytes; None, with a gap, when they were not all read.
        core_sha256: of its content without uniform runs of 64 KiB or more: equal for copies padded differently.
        padding: those runs.
        same_as: id of the artifact with the same bytes that was looked at in its place, with all that is in it.
    """

    id: int
    parent: int | None
    name: str
    kind: str
    size: int
    sha256: str | None = None
    core_sha256: str | None = None
    padding: tuple[Run, ...] = ()
    same_as: int | None = None


Event = Artifact | Finding | Indicator | Opened | Step
"""What the walk yields, in order."""


@dataclass(frozen=True, slots=True)
class Points:
    """One line of the account.

    Attributes:
        what: a rule's id, ``chain: ...`` or ``cap: ...``.
        points: positive, or negative for a cap.
        findings: indices into the verdict's findings.
    """

    what: str
    points: int
    findings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a scan says; every point of the score is accounted for."""

    engine: str
    policy: Mapping[str, str]
    limits: Mapping[str, int]
    plugins: tuple[str, ...]
    name: str
    sha256: str | None
    size: int
    level: Level
    score: int
    complete: bool
    account: tuple[Points, ...]
    artifacts: tuple[Artifact, ...]
    findings: tuple[Finding, ...]
    indicators: tuple[Indicator, ...]
    passwords: tuple[Opened, ...] = ()
    steps: tuple[Step, ...] = ()
    schema: str = SCHEMA

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """The findings that say what was not looked at, and why."""
        return tuple(one for one in self.findings if one.incomplete)

    def to_dict(self, *, show_passwords: bool = False) -> dict[str, Any]:
        """The verdict as plain JSON values.

        Args:
            show_passwords: with the passwords that were found in names and mails, for those who may see them.
        """
        return {
            "schema": self.schema,
            "engine": self.engine,
            "policy": dict(self.policy),
            "limits": dict(self.limits),
            "plugins": list(self.plugins),
            "name": self.name,
            "sha256": self.sha256,
            "size": self.size,
            "level": str(self.level),
            "score": self.score,
            "complete": self.complete,
            "account": [{"what": p.what, "points": p.points, "findings": list(p.findings)} for p in self.account],
            "artifacts": [event_to_dict(one) for one in self.artifacts],
            "findings": [event_to_dict(one) for one in self.findings],
            "indicators": [event_to_dict(one) for one in self.indicators],
            "passwords": [event_to_dict(one if show_passwords else replace(one, value="")) for one in self.passwords],
            "steps": [event_to_dict(one) for one in self.steps],
            "gaps": [index for index, one in enumerate(self.findings) if one.incomplete],
        }

    def to_json(self, *, indent: int | None = None, show_passwords: bool = False) -> str:
        """The verdict as ASCII JSON; the same input gives the same text, byte for byte."""
        return json.dumps(
            self.to_dict(show_passwords=show_passwords), ensure_ascii=True, allow_nan=False, indent=indent
        )

    @classmethod
    def from_json(cls, raw: str | bytes) -> "Verdict":
        """The verdict that `to_json` wrote; unknown fields of later versions are ignored.

        Raises:
            UsageError: not a verdict of this schema.
        """
        try:
            data = json.loads(raw)
            if data["schema"] != SCHEMA:
                raise UsageError(f"not a verdict of schema {SCHEMA}: {data['schema']!r}")
            return cls(
                **{
                    key: data[key]
                    for key in ("engine", "policy", "limits", "name", "sha256", "size", "score", "complete")
                },
                plugins=tuple(data["plugins"]),
                level=Level.parse(data["level"]),
                account=tuple(Points(p["what"], p["points"], tuple(p["findings"])) for p in data["account"]),
                artifacts=tuple(cast("Artifact", event_from_dict(one)) for one in data["artifacts"]),
                findings=tuple(cast("Finding", event_from_dict(one)) for one in data["findings"]),
                indicators=tuple(cast("Indicator", event_from_dict(one)) for one in data["indicators"]),
                passwords=tuple(cast("Opened", event_from_dict(one)) for one in data["passwords"]),
                steps=tuple(cast("Step", event_from_dict(one)) for one in data.get("steps", ())),
            )
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            raise UsageError(f"not a verdict: {type(error).__name__}") from error


def event_to_dict(event: Event) -> dict[str, Any]:
    """An event as plain JSON values, in the form it has in a verdict."""
    if isinstance(event, Artifact):
        return {
            "id": event.id,
            "parent": event.parent,
            "name": event.name,
            "kind": event.kind,
            "size": event.size,
            "sha256": event.sha256,
            "core_sha256": event.core_sha256,
            "padding": [{"offset": r.offset, "length": r.length, "byte": r.byte} for r in event.padding],
            "same_as": event.same_as,
        }
    if isinstance(event, Finding):
        return {
            "rule": event.rule,
            "title": event.title,
            "severity": event.severity.name.lower(),
            "confidence": event.confidence,
            "artifact": event.artifact,
            "incomplete": event.incomplete,
            "traits": sorted(event.traits),
            "attack": list(event.attack),
            "evidence": [{"text": e.text, "where": e.where, "offset": e.offset} for e in event.evidence],
        }
    if isinstance(event, Indicator):
        return {
            "kind": event.kind,
            "value": event.value,
            "artifact": event.artifact,
            "origin": event.origin,
            "where": event.where,
        }
    if isinstance(event, Step):
        return {
            "action": event.action,
            "text": event.text,
            "artifact": event.artifact,
            "where": event.where,
            "by": event.by,
            "depth": event.depth,
        }
    shown = {"value": event.value} if event.value else {}
    return {"artifact": event.artifact, "source": event.source, **shown}


def event_from_dict(raw: Mapping[str, Any]) -> Event:
    """The event that `event_to_dict` made plain.

    Raises:
        KeyError, TypeError, ValueError: it is no such thing.
    """
    if "rule" in raw:
        return Finding(
            rule=_text(raw["rule"]),
            title=_text(raw["title"]),
            severity=Severity[raw["severity"].upper()],
            confidence=float(raw["confidence"]),
            artifact=_number(raw["artifact"]),
            incomplete=bool(raw["incomplete"]),
            traits=frozenset(Trait(one) for one in raw["traits"]),
            attack=tuple(_text(one) for one in raw["attack"]),
            evidence=tuple(Evidence(_text(e["text"]), _text(e["where"]), e["offset"]) for e in raw["evidence"]),
        )
    if "id" in raw:
        return Artifact(
            id=_number(raw["id"]),
            parent=raw["parent"],
            name=_text(raw["name"]),
            kind=_text(raw["kind"]),
            size=_number(raw["size"]),
            sha256=raw["sha256"],
            core_sha256=raw["core_sha256"],
            padding=tuple(Run(r["offset"], r["length"], r["byte"]) for r in raw["padding"]),
            same_as=raw.get("same_as"),
        )
    if "kind" in raw:
        return Indicator(
            kind=_text(raw["kind"]),
            value=_text(raw["value"]),
            artifact=_number(raw["artifact"]),
            origin=cast("Origin", raw["origin"]),
            where=_text(raw["where"]),
        )
    if "action" in raw:
        return Step(
            action=cast("Action", _text(raw["action"])),
            text=_text(raw["text"]),
            artifact=_number(raw["artifact"]),
            where=_text(raw["where"]),
            by=_text(raw["by"]),
            depth=_number(raw["depth"]),
        )
    return Opened(_text(raw["source"]), _number(raw["artifact"]), _text(raw.get("value", "")))


def stamp(event: Event, artifact: int) -> Event:
    """The event, said of that artifact."""
    return event if isinstance(event, Artifact) else replace(event, artifact=artifact)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("number expected")
    return value
