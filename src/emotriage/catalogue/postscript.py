"""PostScript: a program by nature, which office programs hand to an interpreter."""

from emotriage.model.finding import Rule, Severity, Trait

PROGRAM = Rule(
    id="postscript.program",
    title="PostScript, which is not carried out",
    severity=Severity.LOW,
    incomplete=True,
    attack=("T1203",),
    explanation="A picture or document in PostScript is a program. Word, Hangul and printing systems run it; what it "
    "would do was not read.",
    false_positives="Pictures of older publishing programs, and files for printers.",
)
HIDDEN_CODE = Rule(
    id="postscript.hidden-code",
    title="PostScript that carries out what it unpacks, or leaves its interpreter",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.OBFUSCATE}),
    attack=("T1203", "T1027"),
    explanation="A long text in hexadecimal digits is carried out, or an operator is named that reaches files, pipes "
    "or the memory of the interpreter (patterns of CVE-2013-0808, CVE-2015-2545, CVE-2017-8291).",
    false_positives="Prologues of rare programs that pack themselves.",
)
