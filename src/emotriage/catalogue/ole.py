"""Compound files: what they hold, how they are damaged, and what could not be read in them."""

from emotriage.model.finding import Rule, Severity, Trait

EMBEDDED_PROGRAM = Rule(
    id="ole.embedded-program",
    title="A program or script is embedded in the document",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002", "T1027.009"),
    explanation=(
        "The document holds a package whose name or content is a program, a script or a shortcut. A double click on "
        "its icon writes it to the temporary folder and starts it."
    ),
    false_positives="Manuals and test reports into which somebody has pasted a tool.",
)
LINKED_PROGRAM = Rule(
    id="ole.linked-program",
    title="A package starts a program by its path",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002", "T1218"),
    explanation="The package holds no file but a path or command line, which a double click on its icon starts.",
    false_positives="In-house documents that start a local tool.",
)
DISGUISED_PACKAGE = Rule(
    id="ole.disguised-package",
    title="An embedded file is not what its name says",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1036.008",),
    explanation=(
        "The label, the source path and the name under which the file is written end differently, or the content is "
        "of another kind than they say."
    ),
    false_positives="Files that were renamed by hand, and exports with the wrong extension.",
)
EMBEDDED_FILE = Rule(
    id="ole.embedded-file",
    title="A file is embedded in the document",
    severity=Severity.INFO,
    explanation="The document holds a file of another application; it was looked at as an artifact of its own.",
    false_positives="Ordinary office work.",
)
REMOTE_LINK = Rule(
    id="ole.remote-link",
    title="An OLE link points to another host",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1221", "T1559.001"),
    explanation=(
        "An embedded object is a link whose moniker names an address. The document fetches it, and the server decides "
        "what program handles the answer (the pattern of CVE-2017-0199)."
    ),
    false_positives="Documents linked to a workbook on a company's server.",
)
LINKED_OBJECT = Rule(
    id="ole.linked-object",
    title="An OLE link points to another file",
    severity=Severity.INFO,
    explanation="An embedded object lives in another file of the same machine or network.",
    false_positives="Ordinary office work.",
)
ACTIVE_CLASS = Rule(
    id="ole.active-class",
    title="An object's class fetches or runs things",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1559.001", "T1203"),
    explanation=(
        "The class id of an object belongs to a script engine, a script moniker, an HTML application or a browser "
        "control. Documents have no honest use for them."
    ),
    false_positives="Very old intranet forms with a browser control.",
)
EXPLOITED_CLASS = Rule(
    id="ole.exploited-class",
    title="An object's class is known from exploits",
    severity=Severity.MEDIUM,
    attack=("T1203",),
    explanation="The class id belongs to a control whose flaws are a usual way into Office (list views, Flash ...).",
    false_positives="Workbooks whose forms use the common controls of Visual Basic 6.",
)
EQUATION = Rule(
    id="ole.equation",
    title="An object of the old equation editor",
    severity=Severity.LOW,
    attack=("T1203",),
    explanation=(
        "Equation 3.0 was withdrawn in 2018 for its flaws (the pattern of CVE-2017-11882); documents that open it "
        "today are old, or attack machines that are."
    ),
    false_positives="Science papers and school books of before 2018.",
)
EQUATION_OVERFLOW = Rule(
    id="ole.equation-overflow",
    title="Something in an equation is too long for the equation editor",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1203",),
    explanation=(
        "The equation names a font, or holds a matrix, that is longer than the equation editor has room for, which is "
        "the pattern of CVE-2017-11882, CVE-2018-0798 and their kin: what lies there runs."
    ),
    false_positives="None known; Windows allows 31 characters, the editor 31 rows.",
)
REMOTE_TEMPLATE = Rule(
    id="ole.remote-template",
    title="The attached template lies on another host",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.AUTORUN}),
    attack=("T1221",),
    explanation="Word fetches the template when the document opens, macros included.",
    false_positives="Company templates on a web server.",
)
INTRANET_TEMPLATE = Rule(
    id="ole.intranet-template",
    title="The attached template lies on a share of the network",
    severity=Severity.INFO,
    attack=("T1221",),
    explanation="Word fetches the template from a host with a short name when the document opens.",
    false_positives="Company templates on a file server: this is how companies work.",
)
DDE_FIELD = Rule(
    id="ole.dde-field",
    title="A field of the text starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A DDE or DDEAUTO field names a program and its arguments; Word offers to start it on opening.",
    false_positives="Old reports that take figures from Excel by DDE: these count as a guess only.",
)
DDE_LINK = Rule(
    id="ole.dde-link",
    title="A link of the workbook starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A cell asks another program for data by DDE, and names it with its arguments; Excel offers to start "
    "it.",
    false_positives="Market data and measurements by DDE; links to Office programs count as a guess only.",
)
ZIP_ARCHIVE = Rule(
    id="ole.zip-archive",
    title="The compound file is a ZIP archive as well",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009", "T1036.008"),
    explanation=(
        "A ZIP directory at the end of the file makes it readable in two ways; filters that go by the first bytes "
        "see a document, other programs see an archive."
    ),
    false_positives="None known.",
)
ORPHAN_STREAM = Rule(
    id="ole.orphan-stream",
    title="A stream hangs in no tree",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1564",),
    explanation="A directory entry is in use, but can't be reached from the root. It is looked at all the same.",
    false_positives="Files that a program has left half-written.",
)
DELETED_ENTRY = Rule(
    id="ole.deleted-entry",
    title="An unused directory entry is still filled",
    severity=Severity.INFO,
    explanation="What was deleted is still there, or what is there is marked as deleted. It is looked at.",
    false_positives="Programs that only mark entries when they delete them.",
)
DUPLICATE_NAME = Rule(
    id="ole.duplicate-name",
    title="Two entries of one storage have the same name",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1036",),
    explanation="Programs differ in which of the two they open; both are looked at.",
    false_positives="None known.",
)
MALFORMED_HEADER = Rule(
    id="ole.malformed-header",
    title="The header of the compound file is wrong",
    severity=Severity.LOW,
    explanation="Version, sector size or byte order are not what the specification allows; readers differ here.",
    false_positives="Files of rare programs.",
)
MALFORMED_TREE = Rule(
    id="ole.malformed-tree",
    title="The directory tree of the compound file is wrong",
    severity=Severity.LOW,
    explanation="Links lead in circles or nowhere, or entries have impossible types or names. All are looked at.",
    false_positives="Files of rare programs.",
)
MALFORMED_ALLOCATION = Rule(
    id="ole.malformed-allocation",
    title="The allocation tables of the compound file are wrong",
    severity=Severity.LOW,
    explanation="Chains of sectors cross, loop or leave the file, or the tables' sizes lie; no content is lost.",
    false_positives="Files of rare programs, and files that were cut short in transit.",
)
DAMAGED = Rule(
    id="ole.damaged",
    title="Part of the compound file could not be read",
    severity=Severity.INFO,
    explanation="A chain, a table or a package ends before its content does; what is missing was not looked at.",
    false_positives="Truncated downloads and files of old or rare programs.",
    incomplete=True,
)
DEFAULT_PASSWORD = Rule(
    id="ole.default-password",
    title="The document is encrypted with a password that Office tries by itself",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.013",),
    explanation=(
        "Excel and PowerPoint open it without a question, while scanners that do not know the password see nothing. "
        "It was opened and read."
    ),
    false_positives="Workbooks whose structure is protected, presentations that are read-only: Office writes them so.",
)
OPENED = Rule(
    id="ole.opened-with-password",
    title="The encrypted document was opened with a password at hand",
    severity=Severity.INFO,
    attack=("T1027.013",),
    explanation=(
        "A password of the caller, from the mail, from a macro, from the file's name or one that everybody knows opens "
        "it. The content was read like that of any other document."
    ),
    false_positives="Confidential mail that brings its password along.",
)
KEY_DERIVATION_ABUSE = Rule(
    id="ole.key-derivation-abuse",
    title="Trying one password takes absurdly long",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.013", "T1499"),
    explanation=(
        "The document demands more rounds of key derivation than a scan may spend, or a number that is none; Office "
        "writes 100,000. It keeps programs busy that try to open the document, and was left alone."
    ),
    false_positives="A company policy that sets the number of rounds to its maximum.",
)
ENCRYPTED = Rule(
    id="ole.encrypted",
    title="The document is encrypted",
    severity=Severity.INFO,
    explanation=(
        "The document's content is encrypted or rights-managed, nothing at hand opens it, and it was not looked at. "
        "The evidence names the scheme."
    ),
    false_positives="Confidential business mail.",
    incomplete=True,
)
UNREAD_APPLICATION = Rule(
    id="ole.unread-application",
    title="An application's format that is not read",
    severity=Severity.INFO,
    explanation=(
        "The compound file, or an object in it, belongs to an application whose own format is not read. Macros and "
        "embedded files were looked at, the application's own content was not."
    ),
    false_positives="Every honest file of that application.",
    incomplete=True,
)
WORD_BASIC = Rule(
    id="ole.wordbasic",
    title="A Word 6.0/95 document holds macros",
    severity=Severity.LOW,
    attack=("T1059.005",),
    explanation="The macros are WordBasic, which is not read; today's Word converts and runs them.",
    false_positives="Very old templates.",
    incomplete=True,
)
