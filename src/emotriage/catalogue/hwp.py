"""Hangul documents: scripts that run when they are opened, and what could not be opened."""

from emotriage.model.finding import Rule, Severity, Trait

SCRIPT = Rule(
    id="hwp.script",
    title="A Hangul document holds a script",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1059.007", "T1204.002"),
    explanation="The script of the document does something; Hangul runs it when the document is opened, as far as its "
    "security settings let it. It was looked at as a file of its own.",
    false_positives="Forms that calculate.",
)
LOCKED = Rule(
    id="hwp.locked",
    title="The Hangul document is locked",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The content is under a password, for distribution only or rights-managed, and was not looked at.",
    false_positives="Official documents that are published for reading only.",
)
DAMAGED = Rule(
    id="hwp.damaged",
    title="Parts of the Hangul document could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="A stream does not unpack to its end, or there is one that Hangul does not write.",
    false_positives="Truncated downloads, and documents of other programs.",
)
