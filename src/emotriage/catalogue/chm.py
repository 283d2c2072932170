"""Compiled HTML help: what its pages start, and what can't be read of it."""

from emotriage.model.finding import Rule, Severity, Trait

RUNS_PROGRAM = Rule(
    id="chm.runs-program",
    title="A help page starts a program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218.001", "T1204.002"),
    explanation="The page holds the help control's shortcut command with a program and what it is told. Help files run "
    "such pages without the limits of a browser.",
    false_positives="Help for administrators that opens a settings program.",
)
CLICKS_ITSELF = Rule(
    id="chm.clicks-itself",
    title="A help page presses its own button",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1218.001",),
    explanation="A script on a page with the help control's shortcut command calls its Click method, so the program "
    "starts as soon as the page is shown.",
    false_positives="None known.",
)
ACTIVE_MEMBER = Rule(
    id="chm.active-member",
    title="A file in the help file is named like something that runs",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="Programs, scripts and shortcuts beside the pages.",
    false_positives="Help with sample code.",
)
UNSAFE_NAME = Rule(
    id="chm.unsafe-name",
    title="A name in the help file leads out of its folders",
    severity=Severity.MEDIUM,
    attack=("T1574",),
    explanation="Parent folders, absolute paths or drives. Nothing is ever written under such a name here.",
    false_positives="None known.",
)
DAMAGED = Rule(
    id="chm.damaged",
    title="Parts of the help file could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The directory or the packed pages are cut off or damaged, or there are more files than a scan looks "
    "at.",
    false_positives="Truncated downloads.",
)
