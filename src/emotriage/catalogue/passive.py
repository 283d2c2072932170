"""Pictures, fonts, sounds and other passive data that hold something active."""

from emotriage.model.finding import Rule, Severity, Trait

EMBEDDED_PROGRAM = Rule(
    id="passive.embedded-program",
    title="A program lies inside of passive data",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009",),
    explanation="A picture, font or sound has no use for a program or shortcut; a script or shortcut cuts it out.",
    false_positives="Self-extracting test files; forensic collections.",
)
EMBEDDED_SCRIPT = Rule(
    id="passive.embedded-script",
    title="A page with scripts lies inside of passive data",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009", "T1218.005"),
    explanation="mshta skips whatever stands before the first tag, so that a picture can be an HTML application too.",
    false_positives="Pictures whose metadata quotes a web page.",
)
EMBEDDED_FILE = Rule(
    id="passive.embedded-file",
    title="Another file lies inside of passive data",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009",),
    explanation="Documents and archives are appended to pictures so that filters see only the picture.",
    false_positives="Programs that keep their own project file inside the pictures they export.",
)
NOT_SEARCHED = Rule(
    id="passive.content-not-read",
    title="Signed or encrypted content was not read",
    severity=Severity.INFO,
    explanation="What looks like a signature holds the message itself, signed or encrypted, and that is not read.",
    false_positives="Every honest opaque S/MIME or PGP message.",
    incomplete=True,
)
ATTACHMENT_NOT_READ = Rule(
    id="passive.attachment-not-read",
    title="A file inside of a calendar or contact entry was not read",
    severity=Severity.INFO,
    explanation="The entry carries a file in an encoding that could not be undone, or is too large to be read.",
    false_positives="Damaged invitations and very large ones.",
    incomplete=True,
)
