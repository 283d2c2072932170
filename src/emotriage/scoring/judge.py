"""From the walk's events to a `Verdict`: merge, sort, cap, score."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from emotriage.model.finding import Evidence, Finding
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Limits
from emotriage.model.passwords import Opened
from emotriage.model.step import Step
from emotriage.model.verdict import Artifact, Event, Verdict
from emotriage.scoring.aggregate import aggregate
from emotriage.scoring.policy import Policy

EVIDENCE_CAP = 10
"""Pieces of evidence shown of one rule in one artifact."""
INDICATOR_CAP = 1000
STEP_CAP = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What a verdict says of the scan itself."""

    engine: str
    name: str
    limits: Limits
    plugins: tuple[str, ...] = ()


def judge(events: Iterable[Event], heading: Heading, policy: Policy) -> Verdict:
    """The verdict on a whole tree of events; the first artifact is the input."""
    artifacts: dict[int, Artifact] = {}
    findings: dict[tuple[object, ...], list[Finding]] = {}
    indicators: dict[tuple[object, ...], Indicator] = {}
    opened: dict[Opened, None] = {}
    steps: list[Step] = []
    for event in events:
        if isinstance(event, Artifact):
            artifacts[event.id] = event
        elif isinstance(event, Finding):
            seen = policy.adjusted(event)
            findings.setdefault(_identity(seen), []).append(seen)
        elif isinstance(event, Indicator):
            indicators.setdefault((event.artifact, event.kind, event.value), event)
        elif isinstance(event, Step):
            steps.append(event)
        else:
            opened[event] = None
    tree = tuple(artifacts[number] for number in sorted(artifacts))
    merged = tuple(_merge(group) for _, group in sorted(findings.items()))
    level, score, account = aggregate(tree, merged, policy)
    root = tree[0]
    return Verdict(
        engine=heading.engine,
        policy=_named(policy),
        limits=heading.limits.to_dict(),
        plugins=heading.plugins,
        name=heading.name,
        sha256=root.sha256,
        size=root.size,
        level=level,
        score=score,
        complete=not any(one.incomplete for one in merged),
        account=account,
        artifacts=tree,
        findings=merged,
        indicators=tuple(one for _, one in sorted(indicators.items())[:INDICATOR_CAP]),
        passwords=tuple(sorted(opened, key=lambda one: (one.artifact, one.source))),
        steps=tuple(steps[:STEP_CAP]),
    )


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.artifact, finding.rule, -finding.confidence, finding.incomplete, finding.severity, finding.title


def _merge(group: list[Finding]) -> Finding:
    evidence = list(dict.fromkeys(one for finding in group for one in finding.evidence))
    if len(evidence) > EVIDENCE_CAP:
        evidence[EVIDENCE_CAP:] = [Evidence(f"and {len(evidence) - EVIDENCE_CAP} more")]
    return replace(group[0], evidence=tuple(evidence))


def _named(policy: Policy) -> Mapping[str, str]:
    return {"name": policy.name, "sha256": policy.sha256}
