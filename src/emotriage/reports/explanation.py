"""The story of a verdict: what each artifact would do, step by step, with the place of each step, and what weighs."""

from collections.abc import Iterator, Sequence

from emotriage.model.finding import Finding
from emotriage.model.step import Step
from emotriage.model.verdict import Artifact, Verdict
from emotriage.reports.safe import shown
from emotriage.reports.text import Line

_TEXT = 2000
"""Characters shown of a step's text."""
_VERBS = {
    "show": "shows",
    "begin": "begins at",
    "check": "looks for",
    "read": "reads",
    "decode": "which is",
    "call": "calls",
    "create": "makes",
    "write": "writes",
    "change": "changes",
    "fetch": "fetches",
    "start": "starts",
}
_NAMED = 20
"""Addresses and commands listed of one artifact, beside those of its steps."""
_WEIGHTY = 5
"""Findings told of an artifact that has no steps."""


def explanation(verdict: Verdict, *, color: bool = False, width: int = 120) -> str:
    """What the input would do, for people: every artifact that does or is something, from the outside in."""
    lines = list(_lines(verdict))
    if color:
        from emotriage.reports.terminal import draw_story

        return draw_story(lines, width)
    return "\n".join([" " * line.indent * bool(line.text) + line.text for line in lines]) + "\n"


def _lines(verdict: Verdict) -> Iterator[Line]:
    yield Line(f"{str(verdict.level).upper()}  {verdict.score}/100  {shown(verdict.name)}", str(verdict.level), 0)
    told = False
    for one in verdict.artifacts:
        steps = [step for step in verdict.steps if step.artifact == one.id]
        findings = [finding for finding in verdict.findings if finding.artifact == one.id and finding.weight]
        if steps or findings:
            told = True
            yield Line("")
            yield Line(_title(one, verdict.artifacts), "bold", 0)
            yield from _steps(steps)
            yield from _reasons(findings, brief=bool(steps))
            yield from _named(verdict, one.id, {step.text for step in steps})
    if not told:
        yield Line("")
        yield Line("Nothing that it would do was found.", "", 0)
    if verdict.gaps:
        yield Line("")
        yield Line("Not looked at", "bold", 0)
        for gap in verdict.gaps:
            proof = gap.evidence[0] if gap.evidence else None
            yield Line(f"artifact {gap.artifact}: {shown(gap.title)}{f': {shown(proof.text)}' if proof else ''}")


def _title(one: Artifact, artifacts: Sequence[Artifact]) -> str:
    inside = f", inside {shown(artifacts[one.parent].name)}" if one.parent is not None else ""
    return f"{shown(one.name)} ({shown(one.kind)}, artifact {one.id}{inside})"


def _steps(steps: Sequence[Step]) -> Iterator[Line]:
    number = 0
    for one in steps:
        number += one.depth == 0
        head = f"{number:>3}. " if one.depth == 0 else "     "
        by = f"  by {shown(one.by)}" if one.by else ""
        place = f"  [{shown(one.where)}]" if one.where and one.depth == 0 else ""
        text = shown(one.text, _TEXT) or "something that could not be computed"
        yield Line(f"{head}{_VERBS[one.action]} {text}{by}{place}", "", 2 + 3 * one.depth)


def _named(verdict: Verdict, artifact: int, told: set[str]) -> Iterator[Line]:
    """Addresses and commands that no step has named."""
    left = [
        one
        for one in verdict.indicators
        if one.artifact == artifact and one.kind in ("url", "command") and one.value not in told
    ]
    for one in left[:_NAMED]:
        place = f"  [{shown(one.where)}]" if one.where else ""
        yield Line(f"names {shown(one.value, _TEXT)}{place}")
    if len(left) > _NAMED:
        yield Line(f"and {len(left) - _NAMED} more addresses and commands")


def _reasons(findings: Sequence[Finding], *, brief: bool) -> Iterator[Line]:
    """The findings that weigh most; where steps tell the story, one line of them."""
    weighed = sorted(findings, key=lambda one: (-one.weight, one.rule))
    if brief:
        if titles := list(dict.fromkeys(shown(one.title) for one in weighed))[:_WEIGHTY]:
            yield Line(f"because: {'; '.join(titles)}", "dim")
        return
    for one in weighed[:_WEIGHTY]:
        proof = one.evidence[0] if one.evidence else None
        seen = ": ".join(shown(part) for part in (proof.where, proof.text) if part) if proof else ""
        yield Line(f"{shown(one.title)}{f' ({seen})' if seen else ''}")
