"""The story of a verdict: what each artifact would do, step by step, with the place of each step, and what weighs."""

import re
from collections.abc import Iterator, Sequence

from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator
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
_BLOCK = re.compile(r"([A-Za-z0-9+/=]{40})[A-Za-z0-9+/=]{160,}")
"""What nobody reads: encoded bytes; their beginning tells what they are."""
_SENTENCE = 16
"""Characters from which on a text that another one ends with is no chance."""
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
            yield from _named(verdict, one.id, {_folded(step.text) for step in steps})
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
        text = _text(one.text) or "something that could not be computed"
        yield Line(f"{head}{_VERBS[one.action]} {text}{by}{place}", "", 2 + 3 * one.depth)


def _text(text: str) -> str:
    """A text as it is shown: without the inside of blocks that are encoded."""
    return shown(_BLOCK.sub(lambda found: f"{found[1]}[{len(found[0]) - len(found[1])} more]", text), _TEXT)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _is_told(one: Indicator, told: set[str]) -> bool:
    """True when a step says the same, or the same command without its program or its environment."""
    value = _folded(one.value)
    if value in told or one.kind != "command":
        return value in told
    return any(value in step or (len(step) >= _SENTENCE and value.endswith(step)) for step in told)


def _named(verdict: Verdict, artifact: int, told: set[str]) -> Iterator[Line]:
    """Addresses and commands that no step has named."""
    left = [
        one
        for one in verdict.indicators
        if one.artifact == artifact and one.kind in ("url", "command") and not _is_told(one, told)
    ]
    for one in left[:_NAMED]:
        place = f"  [{shown(one.where)}]" if one.where else ""
        yield Line(f"names {_text(one.value)}{place}")
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
