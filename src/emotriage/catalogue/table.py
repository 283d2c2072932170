"""Tables as text."""

from emotriage.model.finding import Rule, Severity, Trait

PROGRAM_LINK = Rule(
    id="table.program-link",
    title="A cell of the table starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A spreadsheet that opens the file takes the cell for a formula, which names a program and its "
    "arguments, and offers to start it.",
    false_positives="Texts about such formulas: under other names than those of tables they count as a guess only.",
)
