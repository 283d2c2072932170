"""Presentations: what a click or a mouse move on a slide does."""

from emotriage.model.finding import Rule, Severity, Trait

PROGRAM_ACTION = Rule(
    id="powerpoint.program-action",
    title="A click on the slide starts a program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002",),
    explanation="The action of a shape or a text is to run a program, which PowerPoint does after a warning. The "
    "evidence names it.",
    false_positives="Talks that start a demonstration from the slide.",
)
PROGRAM_ON_HOVER = Rule(
    id="powerpoint.program-on-hover",
    title="A mouse that moves over the slide starts a program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1204.002",),
    explanation="No click is needed: PowerPoint asks to start the program as soon as the mouse is over the shape.",
    false_positives="None known.",
)
MACRO_ACTION = Rule(
    id="powerpoint.macro-action",
    title="A click on the slide starts a macro",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="The action of a shape or a text is to run a macro. Presentations have few other ways to start one.",
    false_positives="Quizzes and kiosk presentations.",
)
MACRO_ON_HOVER = Rule(
    id="powerpoint.macro-on-hover",
    title="A mouse that moves over the slide starts a macro",
    severity=Severity.LOW,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1204.002",),
    explanation="No click is needed: the macro starts as soon as the mouse is over the shape in a running show.",
    false_positives="Games and quizzes.",
)
DAMAGED = Rule(
    id="powerpoint.damaged",
    title="Parts of the presentation could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The records of the presentation end before their stream does, or what they refer to is not there.",
    false_positives="Truncated downloads, and files of rare programs.",
)
