"""Lures: what the text of a document says to its reader."""

from emotriage.model.finding import Rule, Severity, Trait

LURE = Rule(
    id="lure.enable-content",
    title="The text asks to enable the content, and says why it can't be seen otherwise",
    severity=Severity.LOW,
    traits=frozenset({Trait.LURE}),
    attack=("T1204.002",),
    explanation="The document asks for a click on the yellow bar, or to be copied into the folder of templates, and "
    "pretends that it is protected or comes from another version of Office. Alone it is only text; beside macros or "
    "programs it is how they are brought to run.",
    false_positives="Manuals and help pages about Office; forms that need their macros.",
)
ASKS = Rule(
    id="lure.asks-to-enable",
    title="The text speaks of enabling macros or content",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="The document asks, or explains how, to enable macros, content or editing; there is no pretext.",
    false_positives="Every honest workbook that needs its macros, and every text about them.",
)
