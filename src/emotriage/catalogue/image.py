"""Disk images: what they hold, whom they hide it from, and what can't be read of them."""

from emotriage.model.finding import Rule, Severity, Trait

ACTIVE_MEMBER = Rule(
    id="image.active-member",
    title="A file in the disk image is named like something that runs",
    severity=Severity.INFO,
    attack=("T1204.002", "T1553.005"),
    explanation="Programs, scripts, shortcuts and macro documents in a disk image. A double click shows the image as a "
    "drive, and files on it do not carry the mark of the web that would make Windows and Office careful.",
    false_positives="Installation media.",
)
LONE_ACTIVE_MEMBER = Rule(
    id="image.lone-active-member",
    title="All that the disk image shows runs when it is opened",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1204.002", "T1553.005"),
    explanation="A disk image around a single program, script or shortcut: nobody needs an image for one file, but it "
    "takes the mark of the web off it.",
    false_positives="A single tool sent as an image.",
)
HIDDEN_MEMBER = Rule(
    id="image.hidden-member",
    title="Something that runs is hidden in the disk image",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1564.001", "T1553.005"),
    explanation="A program, library, script or shortcut that Explorer does not show, because it or its folder is "
    "marked as hidden or as the system's.",
    false_positives="Images of whole systems, and of drives with recovery tools.",
)
LAUNCHES_HIDDEN = Rule(
    id="image.launches-hidden",
    title="The disk image shows one thing that runs and hides others",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1564.001", "T1204.002", "T1553.005"),
    explanation="A shortcut, script or program to click, and beside it a program, library or script that nobody is to "
    "see: the first starts the second.",
    false_positives="Autorun media made by hand.",
)
UNSAFE_NAME = Rule(
    id="image.unsafe-name",
    title="A file's name leads out of the disk image's folders",
    severity=Severity.MEDIUM,
    attack=("T1574",),
    explanation="Parent folders, absolute paths or device names, which no program that makes images writes.",
    false_positives="None known.",
)
VIEWS_DISAGREE = Rule(
    id="image.views-disagree",
    title="Programs see different files in the disk image",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027", "T1036"),
    explanation="The image has several directories (ISO 9660, Joliet, UDF), and one has files that another has not, or "
    "gives the same bytes another sort of name. All are looked at.",
    false_positives="Discs for several systems, each with programs of its own.",
)
SYSTEM_AREA = Rule(
    id="image.file-before-volume",
    title="A file lies where the disk image has none",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027",),
    explanation="The first 32 KiB of an image belong to no file. Another file begins there, so the image can be opened "
    "as that file too.",
    false_positives="Images that start computers of several makes.",
)
DAMAGED = Rule(
    id="image.damaged",
    title="Parts of the disk image could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Folders or files lie behind the end of the image, or their records make no sense.",
    false_positives="Truncated downloads.",
)
NOT_READ = Rule(
    id="image.file-system-not-read",
    title="The disk image holds what is not read here",
    severity=Severity.INFO,
    incomplete=True,
    explanation="A file system, a form of partition, or a file that is compressed or encrypted by the file system.",
    false_positives="Images of disks from other systems.",
)
TOO_MANY_FILES = Rule(
    id="image.too-many-files",
    title="More files than a scan looks at",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The disk image was not listed to its end.",
    false_positives="Images of whole systems.",
)
