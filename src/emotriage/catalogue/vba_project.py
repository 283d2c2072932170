"""What findings about the parts of a VBA project mean: its source against what is compiled of it."""

from emotriage.model.finding import Rule, Severity, Trait

STOMPED = Rule(
    id="vba.stomped",
    title="The compiled macro is another one than its source",
    severity=Severity.HIGH,
    explanation="The compiled code of the project uses names or strings that stand nowhere in its source. Office runs "
    "the compiled code when it comes from the same version, and shows the source to whoever looks. Both were read.",
    false_positives="None known: Office writes both from the same lines.",
    traits=frozenset({Trait.EVADE}),
    attack=("T1564.007",),
    incomplete=True,
)
COMPILED_UNREAD = Rule(
    id="vba.compiled-unread",
    title="Compiled macro code of an unknown form holds text that its source does not",
    severity=Severity.INFO,
    explanation="The compiled code comes from a version that is not known, or is too large, so that it could not be "
    "compared with the source line by line; at a first look they differ.",
    false_positives="Very old or rare versions of Office.",
    attack=("T1564.007",),
    incomplete=True,
)
PURGED = Rule(
    id="vba.purged",
    title="Macro project without compiled code",
    severity=Severity.INFO,
    explanation="Nothing is compiled of the modules. Programs other than Office write projects like that, and so do "
    "tools that remove the compiled code, because some scanners look for names there.",
    false_positives="Documents made by libraries and by other office programs.",
    attack=("T1027",),
)
