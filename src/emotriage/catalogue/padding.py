"""Padding: bytes that are there to make a file large, and content that lies behind the end of its format."""

from emotriage.model.finding import Rule, Severity, Trait

_EVADE = frozenset({Trait.EVADE})
_ATTACK = ("T1027.001",)

RUN = Rule(
    id="padding.uniform-run",
    title="Long run of one byte",
    severity=Severity.INFO,
    attack=_ATTACK,
    explanation="64 KiB or more of one byte value. It compresses to nothing, and the core hash leaves it out.",
    false_positives="Bitmaps, tables of old formats and files of databases hold such runs.",
)
INFLATED = Rule(
    id="padding.inflated",
    title="Most of the file is filler",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="More than 1 MiB of filler makes up nine tenths of the file or more. Nothing a person writes looks so.",
    false_positives="Documents saved by broken software; sparse test files.",
)
GIANT = Rule(
    id="padding.giant",
    title="Filler pushes the file past the size that scanners look at",
    severity=Severity.HIGH,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="Most of the file is filler, and it is larger than 100 MB: scanners skip what exceeds their limit.",
    false_positives="None known among documents, shortcuts, notebooks and scripts.",
)
CEILING = Rule(
    id="padding.past-ceiling",
    title="Larger than a usual scanner limit",
    severity=Severity.INFO,
    explanation="The file lies beyond sizes at which widespread scanners stop looking: 100, 250, 400 or 500 MB.",
    false_positives="Every honest large file.",
)
STRETCH = Rule(
    id="padding.filler-stretch",
    title="Stretch of repeating or low-entropy filler",
    severity=Severity.INFO,
    attack=_ATTACK,
    explanation="1 MiB or more of bytes that repeat with a short period, or hardly vary.",
    false_positives="Uncompressed pictures and sound.",
)
OVERSIZE_TAIL = Rule(
    id="padding.oversize-tail",
    title="Incompressible bytes behind the end make up most of the file",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=_ATTACK,
    explanation="1 MiB or more of noise, nine tenths of the file or more, lie behind the end of the format. Noise does "
    "the same as zeros to a scanner with a limit, and no archive gives it away by its ratio.",
    false_positives="Containers of other programs that begin with a small document; joined downloads.",
)
OVERLAY = Rule(
    id="padding.overlay",
    title="Data behind the end of the format",
    severity=Severity.INFO,
    attack=_ATTACK,
    explanation="The format says where it ends, and the file goes on. What is recognised there is looked at.",
    false_positives="Downloads with trailing bytes, signatures, block-aligned copies.",
)
UNREAD = Rule(
    id="padding.unread-overlay",
    title="Data behind the end of the format was not understood",
    severity=Severity.INFO,
    incomplete=True,
    attack=_ATTACK,
    explanation="64 KiB or more behind the end of the format are neither filler nor anything that is recognised.",
    false_positives="Trailing data of rare programs.",
)


def _program(name: str, title: str, explanation: str, false_positives: str) -> Rule:
    return Rule(
        id=f"padding.program-{name}",
        title=title,
        severity=Severity.LOW,
        traits=_EVADE,
        attack=_ATTACK,
        explanation=f"{explanation} The program works as before and is too large for many scanners and sandboxes.",
        false_positives=false_positives,
    )


PROGRAM_SECTION = _program(
    "section",
    "A section of a program is mostly filler",
    "1 MiB or more of a section of the program is filler, and it is half of it or more.",
    "Programs with large empty tables.",
)
PROGRAM_RESOURCES = _program(
    "resources",
    "The resources of a program are mostly filler",
    "1 MiB or more of the resources is filler, and it is half of them or more.",
    "Uncompressed pictures of installers.",
)
PROGRAM_MANAGED = _program(
    "managed-resources",
    "The resources of a .NET program are mostly filler",
    "1 MiB or more of the managed resources is filler, and it is half of them or more.",
    "Uncompressed pictures.",
)
PROGRAM_CERTIFICATES = _program(
    "certificates",
    "The certificate table of a program is inflated",
    "The table of certificates is larger than 1 MiB. Its content is not covered by the signature.",
    "Installers that keep their settings there.",
)
