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
COMMAND = Rule(
    id="equation.command",
    title="An equation holds a command line",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1203", "T1059"),
    explanation=(
        "The data of an equation names a program that runs commands or scripts. Exploits of the equation editor hand "
        "such a line to Windows: in place of a font's name, or behind code that stands there. It is followed like a "
        "batch file."
    ),
    false_positives="None known: equations hold names of fonts and single letters.",
)
HIDDEN_ADDRESS = Rule(
    id="equation.hidden-address",
    title="An equation hides an address under a key",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.OBFUSCATE}),
    attack=("T1203", "T1027", "T1105"),
    explanation=(
        "XORed with a short key, a piece of the equation's data is the address of a file on a web server. Code in "
        "exploits of the equation editor uncovers such addresses and fetches what lies there."
    ),
    false_positives="None known.",
)
