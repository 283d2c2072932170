"""A verdict for people: a table of many, the whole story of one.

Without colour every file and every finding is one line, as `grep` likes it; a terminal gets colours and wrapped lines.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emotriage.model.passwords import Opened
from emotriage.model.verdict import Artifact, Level, Verdict
from emotriage.reports.safe import safe_text, shown

_REASONS = 3
_NAME_WIDTH = 60


@dataclass(frozen=True, slots=True)
class Row:
    """What a table says of one file; of a verdict it needs no more."""

    level: Level
    score: int
    name: str
    why: str

    @classmethod
    def of(cls, verdict: Verdict) -> "Row":
        """The row of a verdict."""
        return cls(verdict.level, verdict.score, shown(verdict.name), "; ".join(reasons(verdict)) or "nothing found")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a story: a heading, or a text below one; `style` is the one of its kind."""

    text: str
    style: str = ""
    indent: int = 2


def table(verdicts: Iterable[Verdict], *, color: bool = False, width: int = 120) -> str:
    """One row a file: level, score, name, and the reasons that weigh most; the worst stand last, above the counts."""
    return table_of([Row.of(one) for one in verdicts], color=color, width=width)


def table_of(rows: Sequence[Row], *, color: bool = False, width: int = 120) -> str:
    """The table of rows that were made before."""
    ordered = sorted(rows, key=lambda one: (one.level, one.score))
    counts = ", ".join(f"{n} {level}" for level in reversed(Level) if (n := sum(r.level is level for r in rows)))
    total = f"{len(rows)} files: {counts}"
    if color:
        from emotriage.reports.terminal import draw_table

        return draw_table(ordered, total, width)
    room = min(_NAME_WIDTH, max((_columns(one.name) for one in ordered), default=0))
    lines = [f"{'level':<10}  score  {'file':<{room}}  why"]
    lines += [
        f"{one.level!s:<10}  {one.score:>5}  {one.name}{' ' * (room - _columns(one.name))}  {one.why}"
        for one in ordered
    ]
    return "\n".join([*lines, "", total, ""])


def story(verdict: Verdict, *, color: bool = False, width: int = 120, show_passwords: bool = False) -> str:
    """Everything a verdict says: level, account, findings with evidence, indicators, what was not looked at."""
    lines = [
        Line(f"{str(verdict.level).upper()}  {verdict.score}/100  {shown(verdict.name)}", str(verdict.level), 0),
        Line(f"{verdict.size:,} bytes  sha256 {verdict.sha256 or 'unknown'}"),
    ]
    lines += _section("Points", [f"{line.points:+5d}  {shown(line.what)}" for line in verdict.account])
    lines += _findings(verdict)
    lines += _section("Indicators", [f"{i.kind:>8}  {shown(i.value, 400)}  ({i.origin})" for i in verdict.indicators])
    lines += _section("Passwords", [_opened(one, show=show_passwords) for one in verdict.passwords])
    lines += _section("Artifacts", [_artifact(one) for one in verdict.artifacts])
    if color:
        from emotriage.reports.terminal import draw_story

        return draw_story(lines, width)
    return "\n".join([" " * line.indent * bool(line.text) + line.text for line in lines]) + "\n"


def reasons(verdict: Verdict) -> list[str]:
    """What weighs most, in words: the chain, then the heaviest findings, then what was not looked at."""
    chains = [shown(line.what.removeprefix("chain: ")) for line in verdict.account if line.what.startswith("chain: ")]
    weighed = sorted((f for f in verdict.findings if f.weight), key=lambda f: (-f.weight, f.rule))
    titles = list(dict.fromkeys(shown(f.title) for f in weighed))
    gaps = [f"not looked at: {_gap_text(verdict)}"] if verdict.gaps else []
    return chains + titles[: _REASONS - len(chains)] + gaps


def _gap_text(verdict: Verdict) -> str:
    said = dict.fromkeys(shown(e.text, 60) or shown(f.title) for f in verdict.gaps for e in f.evidence[:1])
    listed = list(said)[:_REASONS]
    return ", ".join(listed) + (f" and {len(said) - len(listed)} more" if len(said) > len(listed) else "")


def _findings(verdict: Verdict) -> list[Line]:
    lines = []
    for one in verdict.findings:
        mark = "gap" if one.incomplete else one.severity.name.lower()
        attack = f"  [{', '.join(map(shown, one.attack))}]" if one.attack else ""
        lines.append(Line(f"{mark:>8}  {shown(one.title)}  ({shown(one.rule)}, artifact {one.artifact}){attack}"))
        for proof in one.evidence:
            place = proof.where or (f"offset {proof.offset}" if proof.offset is not None else "")
            if text := ": ".join(part for part in (shown(place), shown(proof.text)) if part):
                lines.append(Line(text, "dim", 12))
    return [Line(""), Line("Findings", "bold", 0), *lines] if lines else []


def _opened(one: Opened, *, show: bool) -> str:
    value = f": {safe_text(one.value)}" if show and one.value else ""
    return f"{one.artifact:>4}  opened, password from {shown(one.source)}{value}"


def _artifact(one: Artifact) -> str:
    inside = f" in {one.parent}" if one.parent is not None else ""
    filler = sum(run.length for run in one.padding)
    padded = f", {filler:,} bytes of filler" if filler else ""
    same = f"  (the same as {one.same_as})" if one.same_as is not None else ""
    return f"{one.id:>4}{inside}  {shown(one.kind)}  {one.size:,} bytes{padded}  {shown(one.name)}{same}"


def _section(title: str, lines: Sequence[str]) -> list[Line]:
    return [Line(""), Line(title, "bold", 0), *(Line(line) for line in lines)] if lines else []


def _columns(text: str) -> int:
    """Columns that a text takes: Japanese takes two a character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
