"""A verdict for people: a table of many, the whole story of one."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from emotriage.model.verdict import Level, Verdict
from emotriage.reports.safe import shown

_STYLE = {
    Level.CLEAN: "green",
    Level.UNVERIFIED: "yellow",
    Level.SUSPICIOUS: "bold dark_orange",
    Level.MALICIOUS: "bold red",
}
_REASONS = 3


def table(verdicts: Sequence[Verdict], *, color: bool = False, width: int = 120) -> str:
    """One row a file: level, score, name, and the reasons that weigh most; the worst stand last, above the counts."""
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    grid.add_column("level", no_wrap=True)
    grid.add_column("score", justify="right", no_wrap=True)
    grid.add_column("file", overflow="fold", max_width=max(24, width // 3))
    grid.add_column("why", overflow="fold")
    for one in sorted(verdicts, key=lambda one: (one.level, one.score)):
        grid.add_row(
            Text(str(one.level), _STYLE[one.level]),
            str(one.score),
            Text(shown(one.name)),
            Text("; ".join(reasons(one)) or "nothing found"),
        )
    counts = ", ".join(f"{n} {level}" for level in reversed(Level) if (n := sum(v.level is level for v in verdicts)))
    return _render([grid, Text(), Text(f"{len(verdicts)} files: {counts}")], color=color, width=width)


def story(verdict: Verdict, *, color: bool = False, width: int = 120) -> str:
    """Everything a verdict says: level, account, findings with evidence, indicators, what was not looked at."""
    parts: list[object] = [
        Text.assemble(
            (str(verdict.level).upper(), _STYLE[verdict.level]),
            f"  {verdict.score}/100  ",
            (shown(verdict.name), "bold"),
        ),
        Text(f"  {verdict.size:,} bytes  sha256 {verdict.sha256 or 'unknown'}"),
    ]
    parts += _section("Points", _account(verdict))
    parts += _section("Findings", _findings(verdict))
    parts += _section("Indicators", _indicators(verdict))
    parts += _section("Artifacts", _artifacts(verdict))
    return _render(parts, color=color, width=width)


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


def _account(verdict: Verdict) -> list[Text]:
    return [Text(f"{line.points:+5d}  {shown(line.what)}") for line in verdict.account]


def _findings(verdict: Verdict) -> list[Text]:
    lines = []
    for one in verdict.findings:
        mark = "gap" if one.incomplete else one.severity.name.lower()
        attack = f"  [{', '.join(map(shown, one.attack))}]" if one.attack else ""
        lines.append(Text(f"{mark:>8}  {shown(one.title)}  ({shown(one.rule)}, artifact {one.artifact}){attack}"))
        for proof in one.evidence:
            place = proof.where or (f"offset {proof.offset}" if proof.offset is not None else "")
            text = ": ".join(part for part in (shown(place), shown(proof.text)) if part)
            if text:
                lines.append(Text(f"{'':10}{text}", "dim"))
    return lines


def _indicators(verdict: Verdict) -> list[Text]:
    return [Text(f"{one.kind:>8}  {shown(one.value, 400)}  ({one.origin})") for one in verdict.indicators]


def _artifacts(verdict: Verdict) -> list[Text]:
    lines = []
    for one in verdict.artifacts:
        inside = f" in {one.parent}" if one.parent is not None else ""
        filler = sum(run.length for run in one.padding)
        padded = f", {filler:,} bytes of filler" if filler else ""
        lines.append(Text(f"{one.id:>4}{inside}  {shown(one.kind)}  {one.size:,} bytes{padded}  {shown(one.name)}"))
    return lines


def _section(title: str, lines: list[Text]) -> list[object]:
    return [Text(), Text(title, "bold"), *(Padding(line, (0, 0, 0, 2)) for line in lines)] if lines else []


def _render(parts: Sequence[object], *, color: bool, width: int) -> str:
    sink = io.StringIO()
    console = Console(
        file=sink, force_terminal=color, no_color=not color, width=width, highlight=False, markup=False, emoji=False
    )
    for part in parts:
        console.print(part)
    lines = sink.getvalue().split("\n")
    return "\n".join(line.rstrip() for line in lines)
