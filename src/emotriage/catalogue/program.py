"""Windows programs: what starts them, who vouches for them, and what they bring along."""

from emotriage.model.finding import Rule, Severity, Trait

PROGRAM = Rule(
    id="program.windows-program",
    title="The file is a Windows program",
    severity=Severity.MEDIUM,
    attack=("T1204.002",),
    explanation="An EXE, DLL or add-in with the headers that Windows loads. What its code does is not read, so it is "
    "never clean.",
    false_positives="Tools and installers that are sent by people who know each other.",
)
UNSIGNED = Rule(
    id="program.unsigned",
    title="Nobody has signed the program",
    severity=Severity.LOW,
    attack=("T1553.002",),
    explanation="The program has no table of certificates. Publishers sign what they give out; a table alone proves "
    "nothing, as it is not verified here.",
    false_positives="Programs of small companies and home-made tools.",
)
EXCEL_ADDIN = Rule(
    id="program.excel-addin",
    title="Program is an add-in that runs when Excel opens it",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1137.006",),
    explanation="The DLL exports xlAutoOpen, which Excel calls after one question: an XLL. It is native code, whatever "
    "its icon looks like.",
    false_positives="Add-ins of trading and engineering houses; they come by installers, seldom by mail.",
)
CONTROL_PANEL = Rule(
    id="program.control-panel",
    title="Program is a control panel item that runs when it is opened",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218.002",),
    explanation="The DLL exports CPlApplet, so that a double click on a .cpl file runs it.",
    false_positives="Drivers bring such items with their installers.",
)
SCRIPT_COMPILED = Rule(
    id="program.compiled-script",
    title="Program is an interpreter with a script behind it",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027", "T1059"),
    explanation="A known stub (AutoIt, AutoHotkey, PyInstaller, a batch or PowerShell wrapper) runs the script that it "
    "carries. Its code is the same in every such program, so that scanners see nothing of its own.",
    false_positives="Scripts of administrators, made into programs for their users.",
)
INSTALLER = Rule(
    id="program.installer",
    title="Program is an installer",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="The mark of an installer's stub (NSIS, Inno Setup, WiX, InstallShield, 7-Zip) stands in it; what it "
    "would install is packed in forms that are opened only in part.",
    false_positives="Any software that is set up by an installer.",
)
ARCHIVE_INSIDE = Rule(
    id="program.archive-inside",
    title="Program carries an archive",
    severity=Severity.LOW,
    attack=("T1027.009",),
    explanation="An archive or cabinet lies in the resources or behind the end of the program; it is looked at as an "
    "artifact of its own.",
    false_positives="Installers and self-extracting archives.",
)
