"""Recovered texts for people: every line numbered as findings count them, none able to steer a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emotriage.model.verdict import Verdict
from emotriage.reports.safe import defang, safe_text, shown

_LINE = 1 << 20
"""Characters of a line that are shown at most."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that came out of an artifact.

    Attributes:
        artifact: its number.
        name: of the text, such as the module's.
        language: as `Recovered` names it.
        text: all of it.
    """

    artifact: int
    name: str
    language: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        """The text as plain JSON values."""
        return {"artifact": self.artifact, "name": self.name, "language": self.language, "text": self.text}


def listing(text: Text, verdict: Verdict) -> Iterator[str]:
    """The text with a heading, line by line; a line of it can't look like a heading, for each has its number first."""
    home = next((one.name for one in verdict.artifacts if one.id == text.artifact), "")
    yield f"=== {shown(text.name)} ({shown(text.language)}), artifact {text.artifact}: {shown(home)}\n"
    lines = text.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, 1):
        plain = line.expandtabs(4)
        yield f"{number:>6}  {defang(safe_text(plain, _LINE))}\n"
    yield "\n"
