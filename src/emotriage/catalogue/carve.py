"""Files that begin somewhere inside of text, scripts or data of no known format."""

from emotriage.model.finding import Rule, Severity, Trait

PROGRAM = Rule(
    id="carve.program-inside",
    title="A program or shortcut begins inside of the file",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009",),
    explanation="Behind text, a script or filler stands a whole program or shortcut, for something to cut it out.",
    false_positives="Self-extracting installers and forensic images.",
)
FILE = Rule(
    id="carve.file-inside",
    title="Another file begins inside of the file",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009",),
    explanation="Office and archivers find a document or archive behind whatever precedes it; many scanners do not.",
    false_positives="Self-extracting archives, concatenated files, and data of programs that keep files in files.",
)
BEHIND_FILLER = Rule(
    id="carve.behind-filler",
    title="A file begins behind filler",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.001",),
    explanation="64 KiB or more of filler or noise stand before the file. Whoever looks at first bytes, or at so many "
    "megabytes, sees nothing; archivers read from the end.",
    false_positives="Images of disks and memory.",
)
DAMAGED_HEADER = Rule(
    id="carve.damaged-header",
    title="The first bytes are damaged, the rest is a whole file",
    severity=Severity.LOW,
    incomplete=True,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027", "T1036.008"),
    explanation="Behind up to eight wrong bytes stands the rest of a document, shortcut or archive. Scanners pass it "
    "by; some programs open it or repair it, and a script can. It was looked at with its beginning put right.",
    false_positives="Transfers that went wrong.",
)
