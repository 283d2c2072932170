"""Windows Installer packages: what they run while they install."""

from emotriage.model.finding import Rule, Severity, Trait

PACKAGE = Rule(
    id="msi.package",
    title="The file installs software when it is opened",
    severity=Severity.MEDIUM,
    incomplete=True,
    attack=("T1218.007", "T1204.002"),
    explanation="A Windows Installer package, patch or transform. Its actions are told and its files are looked at; "
    "what all of it comes to on a machine was not followed.",
    false_positives="Software that is sent by those who make or look after it.",
)
RUNS_COMMAND = Rule(
    id="msi.runs-command",
    title="Installer runs a command",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218.007", "T1059"),
    explanation="A custom action starts a program with arguments of its own, or sets a property to a command line for "
    "another action.",
    false_positives="Installers that register services, or start the program when they are done.",
)
RUNS_INTERPRETER = Rule(
    id="msi.runs-interpreter",
    title="Installer starts a command interpreter or a program that fetches files",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218.007", "T1059.001", "T1059.003"),
    explanation="A custom action's command line begins with PowerShell, the command prompt, a script host, or a "
    "program of Windows that loads code for others.",
    false_positives="Installers of administrators, and drivers that register themselves with rundll32 or netsh.",
)
RUNS_SCRIPT = Rule(
    id="msi.runs-script",
    title="Installer runs a script of its own",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218.007", "T1059.005", "T1059.007"),
    explanation="A custom action holds JScript or VBScript, or names a stream or file with it. The script is looked at "
    "as an artifact of its own where it is in the package.",
    false_positives="Older installers of business software.",
)
RUNS_LIBRARY = Rule(
    id="msi.runs-library",
    title="Installer calls a library that it brings along",
    severity=Severity.INFO,
    attack=("T1218.007", "T1218.011"),
    explanation="A custom action calls a function of a DLL in the package.",
    false_positives="Nearly every installer that was made with WiX, Advanced Installer or InstallShield.",
)
ELSEWHERE = Rule(
    id="msi.files-elsewhere",
    title="Files of the installer lie in another place",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The table of media names cabinets that are not in the package, so that what they hold was not looked "
    "at.",
    false_positives="Installers of several files, as they were made for discs.",
)
NOT_READ = Rule(
    id="msi.tables-not-read",
    title="Tables of the installer were not read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The pool of texts or a table is missing, cut off, damaged or too large.",
    false_positives="Truncated downloads; patches and transforms, which hold differences only.",
)
