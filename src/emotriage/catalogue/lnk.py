"""Windows shortcuts: what they start, how they hide it, and what they carry.

A shortcut does nothing until it is clicked, and thousands of honest ones start ``cmd.exe`` or PowerShell. So a script
host as such is a weak sign; what it is told, and how that is kept from view, makes the difference.
"""

from emotriage.model.finding import Rule, Severity, Trait

_EXECUTE = frozenset({Trait.EXECUTE})
_EVADE = frozenset({Trait.EVADE})
_OBFUSCATE = frozenset({Trait.OBFUSCATE})
_HIDDEN = frozenset({Trait.EVADE, Trait.OBFUSCATE})
_REMOTE = frozenset({Trait.DOWNLOAD, Trait.EXECUTE})

SCRIPT_HOST = Rule(
    id="lnk.script-host",
    title="Shortcut starts a script host",
    severity=Severity.LOW,
    traits=_EXECUTE,
    attack=("T1204.002", "T1059"),
    explanation="Its target is cmd, PowerShell, mshta, wscript, rundll32 or another program that runs what it is told.",
    false_positives="Developer prompts and administrators' tools: alone it decides nothing.",
)
PROGRAM_IN_ARGUMENTS = Rule(
    id="lnk.program-in-arguments",
    title="Arguments start another script host or system tool",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1218", "T1059"),
    explanation="The command line hands over to a second interpreter or a tool that runs or fetches things.",
    false_positives="Administrators' shortcuts that start PowerShell through cmd.",
)
SCRIPT_FILE = Rule(
    id="lnk.script-file",
    title="Shortcut runs a script file",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1059", "T1204.002"),
    explanation="Target or arguments name a VBScript, JScript, HTA or PowerShell file that runs on the click.",
    false_positives="Logon scripts and administrators' tools.",
)
WRITABLE_FOLDER = Rule(
    id="lnk.writable-folder",
    title="Script host runs something out of a folder that anybody can write to",
    severity=Severity.MEDIUM,
    attack=("T1204.002", "T1036.005"),
    explanation="The script or program that it is given lies in %TEMP%, AppData, ProgramData, Public or Downloads: "
    "nobody has to be administrator to put it there.",
    false_positives="Programs that users install for themselves, when they start through a script.",
)
BESIDE_SHORTCUT = Rule(
    id="lnk.beside-shortcut",
    title="Shortcut starts something that lies beside it",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE, Trait.LURE}),
    attack=("T1204.002", "T1091"),
    explanation="A program, script or library by a relative path, and no folder to start in: it came with the "
    "shortcut, in the same archive, disk image or on the same stick, and the shortcut is what one is to click.",
    false_positives="Menus on installation media; home-made shortcuts without a working folder.",
)
PROXY_EXECUTION = Rule(
    id="lnk.proxy-execution",
    title="System tool is made to run something else",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.EVADE}),
    attack=("T1218", "T1202"),
    explanation="A switch or entry point that starts other people's code under the tool's own name: forfiles /c, "
    "ProxyCommand of ssh, javascript: in mshta or rundll32, wmic process call create, a library under another suffix "
    "or "
    "one that lies beside the shortcut. Half as certain where honest shortcuts may do it too.",
    false_positives="Tasks that a shortcut schedules, and old installers' calls of shell32.",
)
UNSEEN_FOLDER = Rule(
    id="lnk.unseen-folder",
    title="What starts lies in a folder that Explorer does not show",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE, Trait.EVADE}),
    attack=("T1564.001", "T1091"),
    explanation="The recycle bin, System Volume Information, or a folder whose name is blank: worms on sticks keep "
    "their program there, and replace the user's folders by shortcuts.",
    false_positives="Shortcuts to something that has been deleted since.",
)
PROGRAM_AS_DOCUMENT = Rule(
    id="lnk.program-as-document",
    title="Program wears the icon of a document, folder or drive",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE, Trait.LURE}),
    attack=("T1036", "T1204.002"),
    explanation="The target is a program or batch file outside the system's and the programs' folders; the icon is "
    "that of something one reads or opens.",
    false_positives="Home-made shortcuts to one's own tools.",
)
COMMAND_CHAIN = Rule(
    id="lnk.command-chain",
    title="One click runs a chain of commands",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1059.003",),
    explanation="cmd is given several commands joined by &, && or |, and closes when they are done.",
    false_positives="Developers' shortcuts that change the folder and then start a tool.",
)
TEXT_AS_CODE = Rule(
    id="lnk.text-as-code",
    title="Arguments run a text as code",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1059.001",),
    explanation="Invoke-Expression and its like, a call of something computed, or a pipe into a shell: the code is "
    "computed, read or fetched, and stands in no script.",
    false_positives="Installers of package managers.",
)
HIDDEN_WINDOW = Rule(
    id="lnk.hidden-window",
    title="Script host starts without a window to see",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1564.003",),
    explanation="ShowCommand 7 (minimised, without focus), -WindowStyle Hidden or conhost --headless.",
    false_positives="Background tools that install themselves into Startup.",
)
POLICY_BYPASS = Rule(
    id="lnk.policy-bypass",
    title="PowerShell is told to ignore its execution policy or profile",
    severity=Severity.LOW,
    attack=("T1059.001",),
    explanation="-ExecutionPolicy Bypass or Unrestricted, -NoProfile: what is to run would not be allowed otherwise.",
    false_positives="Prompts of development tools, shortcuts to unsigned scripts of one's own.",
)
HOT_KEY = Rule(
    id="lnk.hot-key",
    title="Shortcut has a hot key",
    severity=Severity.INFO,
    attack=("T1547.009",),
    explanation="On the desktop or in the start menu the key starts it; a key that is often pressed starts it unasked.",
    false_positives="Set by users for programs they often need.",
)
RUN_AS = Rule(
    id="lnk.run-as-user",
    title="Shortcut asks for the administrator",
    severity=Severity.INFO,
    attack=("T1548.002",),
    explanation="The RunAsUser flag shows the elevation prompt before the target starts.",
    false_positives="Administrators' consoles.",
)
PADDED_ARGUMENTS = Rule(
    id="lnk.padded-arguments",
    title="Blanks push the arguments out of sight",
    severity=Severity.HIGH,
    traits=_HIDDEN,
    attack=("T1027", "T1564"),
    explanation="Explorer shows the first 260 characters of a command line, on one line. A run of spaces, tabs or line "
    "ends fills them; the real arguments follow (ZDI-CAN-25373).",
    false_positives="None known.",
)
LONG_ARGUMENTS = Rule(
    id="lnk.long-arguments",
    title="More than 260 characters of arguments",
    severity=Severity.MEDIUM,
    attack=("T1027",),
    explanation="Longer than Explorer can show or lets anybody type.",
    false_positives="Java programs and browser applications, whose installers write long command lines.",
)
VERY_LONG_ARGUMENTS = Rule(
    id="lnk.very-long-arguments",
    title="More than 1,024 characters of arguments",
    severity=Severity.HIGH,
    attack=("T1027",),
    explanation="A program stands in the arguments, not a call of one.",
    false_positives="Java programs with a long class path.",
)
HUGE_ARGUMENTS = Rule(
    id="lnk.huge-arguments",
    title="More than 4,096 characters of arguments",
    severity=Severity.HIGH,
    traits=_OBFUSCATE,
    attack=("T1027",),
    explanation="More than the shell's own interfaces can write: made by a tool, to carry a payload.",
    false_positives="None known.",
)
OBFUSCATED_COMMAND = Rule(
    id="lnk.obfuscated-command",
    title="Command line hides its words",
    severity=Severity.HIGH,
    traits=_OBFUSCATE,
    attack=("T1027.010",),
    explanation="Carets, quotes or backticks inside of words, slices of environment variables or joined strings: "
    "the shell undoes them, a reader or a signature does not.",
    false_positives="None known in shortcuts.",
)
ENCODED_COMMAND = Rule(
    id="lnk.encoded-command",
    title="Arguments carry an encoded command",
    severity=Severity.HIGH,
    traits=_OBFUSCATE | _EXECUTE,
    attack=("T1027.010", "T1059.001"),
    explanation="PowerShell gets its code as base64. It is decoded, and looked at on its own where it is text.",
    false_positives="A few management agents.",
)
DOWNLOAD = Rule(
    id="lnk.download",
    title="Script host is told to fetch something",
    severity=Severity.HIGH,
    traits=_REMOTE,
    attack=("T1105", "T1204.002"),
    explanation="The command line of a script host or system tool has an address, or the words that fetch one. Half as "
    "certain where the tool may just open a browser.",
    false_positives="None of 975 honest shortcuts has an address in its arguments.",
)
REMOTE_CODE = Rule(
    id="lnk.remote-code",
    title="Shortcut runs something from another machine",
    severity=Severity.HIGH,
    traits=_REMOTE,
    attack=("T1204.002", "T1105", "T1021.002"),
    explanation="Target or arguments lie on a WebDAV server, on a share of a machine that goes by its address, or a "
    "script host gets a path on a share; or it is a search of another machine. Half as certain inside of an office, "
    "and where it is a program on a share that goes by its name.",
    false_positives="Logon scripts on a file server, when called through a script host.",
)
NETWORK_TARGET = Rule(
    id="lnk.network-target",
    title="Target lies on a network share",
    severity=Severity.INFO,
    attack=("T1187",),
    explanation="Opening it, and sometimes drawing its icon, signs in to that server.",
    false_positives="Every office with a file server.",
)
MASQUERADING_ICON = Rule(
    id="lnk.masquerading-icon",
    title="Script host wears the icon of a document, folder or drive",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1036", "T1204.002"),
    explanation="Explorer hides the suffix of shortcuts, so the icon is all that a reader goes by.",
    false_positives="Home-made shortcuts with an icon picked from the system's own.",
)
REMOTE_ICON = Rule(
    id="lnk.remote-icon",
    title="Icon lies on another machine",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1187",),
    explanation="Showing the folder fetches the icon, and signs in to that server with the user's credentials.",
    false_positives="Programs installed on a file server.",
)
OVERLAY = Rule(
    id="lnk.overlay",
    title="Data behind the shortcut's end",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027.009",),
    explanation="The shortcut ends at its terminal block and the file goes on: a place to carry a payload.",
    false_positives="Copies recovered from disk, with what was left in the last cluster.",
)
OVERLAY_FILLER = Rule(
    id="lnk.overlay-filler",
    title="Filler behind the shortcut's end",
    severity=Severity.LOW,
    attack=("T1027.001",),
    explanation="One byte value, or next to nothing, up to the end of the file.",
    false_positives="Copies recovered from disk.",
)
EMBEDDED_FILE = Rule(
    id="lnk.embedded-file",
    title="Shortcut carries another file",
    severity=Severity.HIGH,
    traits=_EVADE,
    attack=("T1027.009", "T1204.002"),
    explanation="A program, script, archive or document lies behind the shortcut's end, or in a block that the "
    "specification does not have. It is looked at on its own.",
    false_positives="None known.",
)
READS_ITSELF = Rule(
    id="lnk.reads-itself",
    title="Arguments take their payload out of the shortcut",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE, Trait.WRITE}),
    attack=("T1027.009", "T1059"),
    explanation="findstr, more, Get-Content and their like are pointed at a .lnk file, or search for one: the script "
    "that follows is in the shortcut itself.",
    false_positives="None known.",
)
CONTROL_PANEL_ITEM = Rule(
    id="lnk.control-panel-item",
    title="Shortcut to a control panel item that is no part of Windows",
    severity=Severity.HIGH,
    traits=frozenset({Trait.AUTORUN, Trait.EXECUTE}),
    attack=("T1218.002", "T1203"),
    explanation="Its item list names a library; Windows loaded such a library to draw the icon (CVE-2010-2568, "
    "CVE-2015-0096, CVE-2017-8464).",
    false_positives="Control panel items of drivers and old programs.",
)
TARGETS_DISAGREE = Rule(
    id="lnk.targets-disagree",
    title="Shortcut names two different programs",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036",),
    explanation="A target can be written in four places. Explorer shows one, and may start another.",
    false_positives="Shortcuts that were moved between machines.",
)
TWO_READINGS = Rule(
    id="lnk.two-readings",
    title="Windows and the specification read different arguments",
    severity=Severity.HIGH,
    traits=_HIDDEN,
    attack=("T1027",),
    explanation="Windows stops at 260 characters of comment, folder or icon and goes on from there; by the "
    "specification the same bytes mean something else. Both readings are reported.",
    false_positives="None known.",
)
ODD_STRUCTURE = Rule(
    id="lnk.odd-structure",
    title="Structure departs from the specification",
    severity=Severity.LOW,
    explanation="Read completely, but not as Windows writes it: unknown blocks, no terminal block, ANSI and Unicode "
    "texts that differ.",
    false_positives="Shortcuts of other systems and tools.",
)
DAMAGED = Rule(
    id="lnk.damaged",
    title="Shortcut was not read completely",
    severity=Severity.INFO,
    explanation="A size or an offset leads out of its structure or of the file; what lies behind it was not read.",
    false_positives="Truncated copies.",
    incomplete=True,
)
