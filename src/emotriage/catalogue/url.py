"""Internet shortcuts and their kin: a click leads to a web page, or to a program on somebody else's server."""

from emotriage.model.finding import Rule, Severity, Trait

_REMOTE = frozenset({Trait.DOWNLOAD})
_RUN = frozenset({Trait.DOWNLOAD, Trait.EXECUTE})
_EVADE = frozenset({Trait.EVADE})

REMOTE_FILE = Rule(
    id="url.remote-file",
    title="Leads to a file on another machine, not to a web page",
    severity=Severity.MEDIUM,
    traits=_REMOTE,
    attack=("T1204.001", "T1187"),
    explanation="A file: address or a path on a share: Windows opens it over SMB or WebDAV, as if it were local.",
    false_positives="Links to folders and documents of a file server, inside a company.",
)
FOREIGN_SERVER = Rule(
    id="url.foreign-server",
    title="That machine is none of the office",
    severity=Severity.HIGH,
    traits=_REMOTE,
    attack=("T1204.001", "T1105"),
    explanation="A public IPv4 address, a port (@80), @SSL or DavWWWRoot: a server in the internet. Half as certain "
    "where it goes by a full name.",
    false_positives="File servers that a company calls by their full names.",
)
PROGRAM_TARGET = Rule(
    id="url.program-target",
    title="Leads to a file that runs when it is opened",
    severity=Severity.HIGH,
    traits=_RUN,
    attack=("T1204.002", "T1105"),
    explanation="The target on the other machine is a program, script, control panel item, shortcut or installer; it "
    "runs without the browser's warning (CVE-2023-36025, CVE-2024-21412).",
    false_positives="Links to a program on a company's file server.",
)
LOCAL_PROGRAM = Rule(
    id="url.local-program",
    title="Starts a program of this machine",
    severity=Severity.LOW,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002",),
    explanation="An internet shortcut that starts a local file: games' launchers do, mails have no reason to.",
    false_positives="Shortcuts that installers leave on the desktop.",
)
REMOTE_WORKING_DIRECTORY = Rule(
    id="url.remote-working-directory",
    title="Local program is started in a folder on another machine",
    severity=Severity.HIGH,
    traits=_RUN,
    attack=("T1574.008", "T1105"),
    explanation="Programs that look for their helpers in the working directory load them from that machine "
    "(CVE-2025-33053).",
    false_positives="None known.",
)
INTO_ARCHIVE = Rule(
    id="url.path-into-archive",
    title="Path leads into an archive on another machine",
    severity=Severity.HIGH,
    traits=_EVADE,
    attack=("T1553.005",),
    explanation="Explorer opens x.zip/y as a folder, and what runs out of it misses the mark of the web.",
    false_positives="None known.",
)
SETTING_COMMAND = Rule(
    id="url.setting-command",
    title="Link to a setting starts a program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002", "T1218"),
    explanation="The DeepLink of a .settingcontent-ms file leads to no page of the settings but is a command "
    "(CVE-2018-8414).",
    false_positives="None known.",
)
SCRIPT_ADDRESS = Rule(
    id="url.script-address",
    title="Address is itself a command or a script",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.001", "T1218"),
    explanation="javascript:, vbscript:, data:, ms-msdt:, search-ms: and their like run something or open a remote "
    "folder as if it were a search.",
    false_positives="Bookmarklets saved to the desktop.",
)
PROGRAM_DOWNLOAD = Rule(
    id="url.program-download",
    title="Web address of a file that runs when it is opened",
    severity=Severity.HIGH,
    traits=_REMOTE,
    attack=("T1204.001", "T1105"),
    explanation="The browser fetches it, and asks or does not ask before it is opened. A weak sign for a program on a "
    "server with a name; certain for a script, and for anything of a server that goes by its address.",
    false_positives="Links to downloads of programs.",
)
REMOTE_ICON = Rule(
    id="url.remote-icon",
    title="Icon lies on another machine",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1187",),
    explanation="Showing the folder fetches the icon, and signs in to that server with the user's credentials.",
    false_positives="Icons on a company's file server.",
)
LEAKING_ICON = Rule(
    id="url.leaking-icon",
    title="Icon's path carries data to a server in the internet",
    severity=Severity.HIGH,
    traits=_EVADE,
    attack=("T1187", "T1048"),
    explanation="The icon lies on a WebDAV server or an IPv4 address, or its path contains %USERNAME% and the like: "
    "looking at the folder is enough to tell who looks.",
    false_positives="None known.",
)
MASQUERADING_ICON = Rule(
    id="url.masquerading-icon",
    title="Wears the icon of a document or browser while leading to a file",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1036",),
    explanation="The suffix .url is never shown; the icon is all that a reader goes by.",
    false_positives="Links to documents on a file server with an icon to match.",
)
HIDDEN_WINDOW = Rule(
    id="url.hidden-window",
    title="Opens its target minimised",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1564.003",),
    explanation="ShowCommand=7: what starts is not to be seen.",
    false_positives="Rarely set by hand.",
)
FILLER = Rule(
    id="url.filler",
    title="NUL bytes in what should be a few lines of text",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027.001",),
    explanation="Kilobytes of NULs make the file too large for scanners of small files; Windows reads past them.",
    false_positives="Files damaged by a crash.",
)
AMBIGUOUS = Rule(
    id="url.ambiguous",
    title="Names its target several times",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027",),
    explanation="Windows takes the first; another reader may take another. All of them are looked at.",
    false_positives="Files edited by hand.",
)
NO_TARGET = Rule(
    id="url.no-target",
    title="Has no target",
    severity=Severity.INFO,
    explanation="A section, but no URL line in it: it opens nothing.",
    false_positives="Templates and damaged files.",
)
CUT = Rule(
    id="url.damaged",
    title="Internet shortcut was not read completely",
    severity=Severity.INFO,
    explanation="It has more lines than any honest one.",
    false_positives="None known.",
    incomplete=True,
)
