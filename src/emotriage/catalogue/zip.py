"""ZIP archives: what they hold, what can't be read of them, and where they contradict themselves."""

from emotriage.model.finding import Rule, Severity, Trait

_EVADE = frozenset({Trait.EVADE})
_ATTACK = ("T1027",)

ENCRYPTED_MEMBER = Rule(
    id="zip.encrypted-member",
    title="Encrypted member was not opened",
    severity=Severity.INFO,
    incomplete=True,
    attack=("T1027.013",),
    explanation="A member of the archive is readable with a password only, and none at hand opens it. Its name and "
    "size are known, not its content. The evidence names the scheme.",
    false_positives="Confidential business mail, and all of PPAP.",
)
ENCRYPTED_PROGRAM = Rule(
    id="zip.encrypted-program",
    title="Encrypted member is named like something that runs",
    severity=Severity.HIGH,
    attack=("T1027.013", "T1204.002"),
    explanation="The name says that opening it runs a program, a script or a shortcut, and only those who know the "
    "password can see what it is. Sending malware encrypted is the oldest way past a scanner.",
    false_positives="Administrators and vendors who send tools with a password.",
)
OPENED = Rule(
    id="zip.opened-with-password",
    title="Encrypted members were opened with a password at hand",
    severity=Severity.INFO,
    attack=("T1027.013",),
    explanation="A password of the caller, from the mail, from a file name or one that everybody knows opens them. "
    "The whole content confirmed it. It is looked at like the rest.",
    false_positives="PPAP, and all mail that brings its password along.",
)
MIXED_ENCRYPTION = Rule(
    id="zip.mixed-encryption",
    title="Some members are encrypted and some are not",
    severity=Severity.INFO,
    explanation="Archivers encrypt all or nothing unless told otherwise; a harmless member in the clear can be a "
    "decoy.",
    false_positives="Archives to which somebody added a file later.",
)
CONTRADICTING_HEADERS = Rule(
    id="zip.contradicting-headers",
    title="Local header and central directory disagree",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="Name, method, size or encryption of a member differ between its two headers or its data descriptor, "
    "or a zip64 field is missing, so that programs unpack different things. Both readings are looked at.",
    false_positives="Damaged archives, and a few careless writers.",
)
WRONG_METHOD = Rule(
    id="zip.wrong-method",
    title="Members are packed in another way than their headers say",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="The headers call the bytes stored or encrypted, or name a method nobody has, and they are a deflate "
    "stream, or the other way round. Scanners that trust the headers see noise; a loader that does not gets the "
    "file. Both are looked at.",
    false_positives="None known.",
)
SEVERAL_DIRECTORIES = Rule(
    id="zip.several-directories",
    title="More than one central directory",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="Archives put one behind the other, an end record in a comment, or zip64 records that point elsewhere: "
    "programs differ in which directory they take. The members of all of them are looked at.",
    false_positives="Files joined by hand; incremental updates of some writers.",
)
UNINDEXED_MEMBER = Rule(
    id="zip.unindexed-member",
    title="Members that the central directory leaves out",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="A local header with content stands where the directory knows of nothing. Programs that read from the "
    "front unpack it, others do not show it. It is looked at like the rest.",
    false_positives="Archives that were updated in place.",
)
UNINDEXED_DATA = Rule(
    id="zip.unindexed-data",
    title="Data between the members",
    severity=Severity.INFO,
    attack=_ATTACK,
    explanation="Bytes that belong to no member. What is recognised in them is looked at on its own.",
    false_positives="Signing blocks of app packages, alignment, archives that were updated in place.",
)
PREPENDED_DATA = Rule(
    id="zip.prepended-data",
    title="Data before the first member",
    severity=Severity.INFO,
    attack=_ATTACK,
    explanation="The archive begins later than the file; what stands before it is looked at on its own.",
    false_positives="Self-extracting archives.",
)
OVERLAPPING_MEMBERS = Rule(
    id="zip.overlapping-members",
    title="Members share the same bytes",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1499.004",),
    explanation="Several members use the same compressed bytes: the form of a non-recursive decompression bomb. The "
    "same bytes are looked at once.",
    false_positives="Rare optimising writers that store equal files once.",
)
OVERLAP_BOMB = Rule(
    id="zip.overlap-bomb",
    title="The members need several times the archive's bytes",
    severity=Severity.HIGH,
    traits=_EVADE,
    attack=("T1499.004",),
    explanation="The packed sizes of the members add up to more than four times the size of the archive, because they "
    "share bytes: it is made to unpack to more than it holds. The work spent on it stays small.",
    false_positives="None known.",
)
OVERLAP_LIMIT = Rule(
    id="zip.overlap-limit",
    title="Overlapping members were not unpacked",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Unpacking every one of the members that share bytes would cost far more than the archive is worth. "
    "The outermost and the smallest of them are looked at.",
    false_positives="None known.",
)
LYING_CONTENT = Rule(
    id="zip.wrong-size-or-checksum",
    title="Content differs from the size or checksum in its header",
    severity=Severity.LOW,
    attack=_ATTACK,
    explanation="What was unpacked counts; the headers say something else about it.",
    false_positives="Damaged archives and careless writers.",
)
AMBIGUOUS_NAME = Rule(
    id="zip.ambiguous-name",
    title="Two names with different endings for one member",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1036",),
    explanation="The name in the header and the name in its Unicode field end differently; programs show one or the "
    "other.",
    false_positives="Archives made by tests.",
)
FILE_IN_COMMENT = Rule(
    id="zip.file-in-comment",
    title="A file stands in a comment or extra field",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027.009",),
    explanation="A program, a shortcut or another file that could be opened stands where archivers put a remark or a "
    "timestamp: a loader elsewhere takes it from there. It is looked at on its own.",
    false_positives="None known.",
)
UNSAFE_NAME = Rule(
    id="zip.unsafe-name",
    title="A member's name leads out of the folder it is unpacked to",
    severity=Severity.MEDIUM,
    attack=("T1574",),
    explanation="Parent folders, absolute paths, drives, network paths, device names, links or devices. Nothing is "
    "ever written under such a name here.",
    false_positives="Backups with absolute paths; archives of Unix folders with symbolic links.",
)
ACTIVE_MEMBER = Rule(
    id="zip.active-member",
    title="A member is named like something that runs",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="Programs, scripts, shortcuts, disk images and documents with macros in an archive.",
    false_positives="Software sent in an archive.",
)
LONE_ACTIVE_MEMBER = Rule(
    id="zip.lone-active-member",
    title="The only member is named like something that runs",
    severity=Severity.LOW,
    attack=("T1204.002",),
    explanation="An archive around a single program, script, shortcut, disk image or macro document: people archive "
    "several files or large ones, attackers wrap one to pass filters.",
    false_positives="A single tool or macro workbook sent in an archive because the mail system refuses it bare.",
)
HIGH_RATIO = Rule(
    id="zip.high-ratio",
    title="A member is a thousand times larger than its compressed bytes",
    severity=Severity.INFO,
    attack=("T1027.001",),
    explanation="A document padded past scanner limits looks so. It is unpacked and looked at all the same.",
    false_positives="Sparse files and large uniform pictures.",
)
NO_END_RECORD = Rule(
    id="zip.no-end-record",
    title="The archive has no usable directory",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Members were recovered from their local headers alone; what lies behind the end of the file is not "
    "known.",
    false_positives="Truncated downloads.",
)
DAMAGED = Rule(
    id="zip.damaged",
    title="Parts of the archive could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Entries, headers or content that the directory announces are cut off, damaged or in another volume.",
    false_positives="Truncated downloads and split archives.",
)
TOO_MANY_MEMBERS = Rule(
    id="zip.too-many-members",
    title="More members than a scan looks at",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The members behind the limit were not listed.",
    false_positives="Very large archives.",
)
