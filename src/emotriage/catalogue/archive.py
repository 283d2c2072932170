"""Compressed files and tar archives: what they hold, and what can't be read of them."""

from emotriage.model.finding import Rule, Severity, Trait

UNSAFE_NAME = Rule(
    id="archive.unsafe-name",
    title="A member's name leads out of the folder it is unpacked to",
    severity=Severity.MEDIUM,
    attack=("T1574",),
    explanation="Parent folders, absolute paths, drives, network paths, device names, devices, or links that point "
    "out of the archive. Nothing is ever written under such a name here.",
    false_positives="Backups with absolute paths; images of systems.",
)
ACTIVE_MEMBER = Rule(
    id="archive.active-member",
    title="A member is named like something that runs",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="Programs, scripts, shortcuts, disk images and documents with macros in an archive.",
    false_positives="Software and its source sent in an archive.",
)
LONE_ACTIVE_MEMBER = Rule(
    id="archive.lone-active-member",
    title="The only member is named like something that runs",
    severity=Severity.LOW,
    attack=("T1204.002",),
    explanation="An archive around a single program, script, shortcut, disk image or macro document: people archive "
    "several files or large ones, attackers wrap one to pass filters.",
    false_positives="A single tool or disk image, compressed to be sent.",
)
HIGH_RATIO = Rule(
    id="archive.high-ratio",
    title="The content is a thousand times larger than its compressed bytes",
    severity=Severity.INFO,
    attack=("T1027.001",),
    explanation="A document padded past scanner limits looks so. It is unpacked and looked at all the same.",
    false_positives="Sparse files and large uniform pictures.",
)
AMBIGUOUS_NAME = Rule(
    id="archive.ambiguous-name",
    title="The name inside and the name outside end differently",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1036",),
    explanation="A compressed file stores the name of its content. Some programs unpack to that name, others to the "
    "file's own name without its last extension; one of the two runs and the other does not.",
    false_positives="A file that was renamed after it was compressed.",
)
SPECIAL_MEMBER = Rule(
    id="archive.special-member",
    title="Members that are stored with holes or go on in another volume",
    severity=Severity.INFO,
    incomplete=True,
    explanation="What is stored of them is looked at; how a program puts it together again was not followed.",
    false_positives="Backups of databases and of disk images.",
)
CONTRADICTING_HEADERS = Rule(
    id="archive.contradicting-headers",
    title="Programs differ about where the next member begins",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027",),
    explanation="A link or a folder announces content of its own, or two headers tell different sizes of one member: "
    "some programs skip that content, others read members in it. Both readings are looked at.",
    false_positives="Very old writers.",
)
DAMAGED = Rule(
    id="archive.damaged",
    title="Parts of the archive could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Headers or content are cut off or damaged, or the mark at the end is missing.",
    false_positives="Truncated downloads.",
)
TOO_MANY_MEMBERS = Rule(
    id="archive.too-many-members",
    title="More members than a scan looks at",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The members behind the limit were judged by their names alone.",
    false_positives="Very large archives.",
)
ENCRYPTED_MEMBER = Rule(
    id="archive.encrypted-member",
    title="A member is encrypted and no password opened it",
    severity=Severity.LOW,
    incomplete=True,
    attack=("T1027.013",),
    explanation="What is in it was not looked at. The candidates came from the caller, the mail's text, file names and "
    "the list of passwords that everybody knows.",
    false_positives="Confidential documents sent with a password in another way.",
)
ENCRYPTED_NAMES = Rule(
    id="archive.encrypted-names",
    title="Even the names in the archive are encrypted",
    severity=Severity.MEDIUM,
    incomplete=True,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.013",),
    explanation="Nobody can tell what is in the archive without its password, and no candidate was right.",
    false_positives="Confidential documents, packed by careful senders.",
)
ENCRYPTED_PROGRAM = Rule(
    id="archive.encrypted-program",
    title="An encrypted member is named like something that runs",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.013", "T1204.002"),
    explanation="A program, script, shortcut or disk image behind a password: mail filters do not see it, the reader "
    "gets it with the password from the text.",
    false_positives="Software exchanged between developers.",
)
OPENED = Rule(
    id="archive.opened-with-password",
    title="A password opened the archive",
    severity=Severity.INFO,
    explanation="One of the candidates was right; what it opened was looked at.",
    false_positives="Any archive with a password.",
)
METHOD_NOT_READ = Rule(
    id="archive.method-not-read",
    title="A member is packed in a way that is not read here",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The method is unknown or needs a library that is not installed; what is in the member was not looked "
    "at.",
    false_positives="Archives by unusual programs.",
)
