"""Objects of the old equation editor whose data gives them away."""

from emotriage.model.finding import Rule, Severity, Trait

FOREIGN_DATA = Rule(
    id="equation.foreign-data",
    title="An equation's data is no equation",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1203", "T1027"),
    explanation=(
        "The object belongs to the equation editor, but its data does not begin with a version, a platform and a "
        "product that the editor or MathType writes. The editor reads it nevertheless; exploits put random bytes there "
        "(a usual form of CVE-2017-11882 and CVE-2018-0802)."
    ),
    false_positives="Damaged documents.",
)
