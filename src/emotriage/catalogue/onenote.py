"""OneNote sections: files that a reader is talked into opening with a double click.

An honest notebook holds documents, spreadsheets and print-outs, so an attachment as such is no verdict; what runs when
it is opened is.
"""

from emotriage.model.finding import Rule, Severity, Trait

_LURE = frozenset({Trait.EXECUTE, Trait.LURE})
_ATTACK = ("T1204.002", "T1566.001")

EMBEDDED_SCRIPT = Rule(
    id="onenote.embedded-script",
    title="Notebook holds a script",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=(*_ATTACK, "T1059"),
    explanation="A batch file, PowerShell, VBScript, JScript or HTML application, by its content or by its name. Pages "
    "cover it with a picture that says where to double-click.",
    false_positives="Notebooks of administrators and developers.",
)
EMBEDDED_PROGRAM = Rule(
    id="onenote.embedded-program",
    title="Notebook holds a program",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=_ATTACK,
    explanation="An executable, library, installer, screen saver or Java archive.",
    false_positives="Notebooks that hand out tools.",
)
EMBEDDED_LAUNCHER = Rule(
    id="onenote.embedded-launcher",
    title="Notebook holds a file that starts others",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=_ATTACK,
    explanation="A shortcut, console, compiled help, disk image, registry or settings file: opened, it runs "
    "something or brings it past the mark of the web.",
    false_positives="Shortcuts dragged into a notebook.",
)
EMBEDDED_PAGE = Rule(
    id="onenote.embedded-page",
    title="Notebook holds an HTML page",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=_ATTACK,
    explanation="Opened in the browser as a local file; pages that smuggle or phish come that way.",
    false_positives="Saved web pages and reports.",
)
SCRIPTED_PAGE = Rule(
    id="onenote.scripted-page",
    title="Notebook holds an HTML page with scripts",
    severity=Severity.MEDIUM,
    traits=_LURE,
    attack=(*_ATTACK, "T1027.006"),
    explanation="A script of a page that is opened as a local file can build a download out of itself, or send the "
    "reader on.",
    false_positives="Saved web pages.",
)
DISGUISED = Rule(
    id="onenote.disguised-attachment",
    title="Attachment's name says document, its content says program or script",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1036.008",),
    explanation="The name that the reader sees ends in a harmless suffix; the bytes are something that runs.",
    false_positives="Logs and source code saved as text.",
)
COVERED = Rule(
    id="onenote.covered-attachment",
    title="A picture lies over the icon of an attached file",
    severity=Severity.HIGH,
    traits=frozenset({Trait.LURE, Trait.EVADE}),
    attack=("T1204.002", "T1036"),
    explanation="The reader sees the picture, a button as a rule; the double click goes to the file beneath it.",
    false_positives="A picture that was moved there by accident.",
)
ASKS_TO_OPEN = Rule(
    id="onenote.asks-to-open",
    title="The page asks for a double click or a click to view, and a file is attached",
    severity=Severity.LOW,
    traits=frozenset({Trait.LURE}),
    attack=("T1204.002",),
    explanation="In a text, in what a picture is described by, or in the text that OneNote has read off a picture.",
    false_positives="Instructions in honest notebooks.",
)
REPEATED = Rule(
    id="onenote.repeated-attachment",
    title="The same attachment several times",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1204.002",),
    explanation="Copies side by side under one picture, so that a double click hits one of them wherever it lands.",
    false_positives="A file that was attached twice by mistake.",
)
MANY = Rule(
    id="onenote.many-attachments",
    title="A hundred attachments or more",
    severity=Severity.LOW,
    explanation="Far more files than a section usually has, pictures not counted.",
    false_positives="Archives and course material.",
)
UNREFERENCED = Rule(
    id="onenote.unreferenced-file",
    title="A stored file that no structure leads to",
    severity=Severity.LOW,
    explanation="Found by sweeping the file alone, or by the structures alone: two readers would see different files.",
    false_positives="Notebooks whose deleted attachments were not yet cleaned out.",
)
SOURCE_PATH = Rule(
    id="onenote.source-path",
    title="Attachment tells where it lay on its author's machine",
    severity=Severity.INFO,
    explanation="OneNote keeps the path from which a file was attached: it ties campaigns together.",
    false_positives="Every attachment has one.",
)
ODD_STRUCTURE = Rule(
    id="onenote.odd-structure",
    title="Structure departs from the specification",
    severity=Severity.LOW,
    explanation="Lengths, footers or GUIDs of stored files are not as OneNote writes them; all was read nevertheless.",
    false_positives="Sections saved by other programs.",
)
DAMAGED = Rule(
    id="onenote.damaged",
    title="Section was not read completely",
    severity=Severity.INFO,
    explanation="It is cut off, or its structures lead nowhere; files may be in it that were not found.",
    false_positives="Truncated copies, and layouts of old versions.",
    incomplete=True,
)
LOCKED = Rule(
    id="onenote.locked-section",
    title="Section is locked with a password",
    severity=Severity.INFO,
    explanation="Its pages and attachments are encrypted.",
    false_positives="Private notes.",
    incomplete=True,
)
