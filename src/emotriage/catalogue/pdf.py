"""PDF documents: what acts, links out, or is carried along."""

from emotriage.model.finding import Rule, Severity, Trait

JAVASCRIPT = Rule(
    id="pdf.javascript",
    title="PDF holds JavaScript",
    severity=Severity.LOW,
    attack=("T1059.007",),
    explanation="The reader runs scripts of the document. They were evaluated, and what they would do is told as "
    "findings of its own.",
    false_positives="Forms that check and add up their fields.",
)
SCRIPT_FETCHES = Rule(
    id="pdf.script-fetches",
    title="Script of the PDF opens an address or sends data",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1059.007", "T1105"),
    explanation="launchURL, getURL, submitForm, mailForm and SOAP leave the document by themselves, without a link "
    "that the reader clicks.",
    false_positives="Forms that are sent to an office by a button.",
)
SCRIPT_OPENS_FILE = Rule(
    id="pdf.script-opens-file",
    title="Script of the PDF opens a file that the PDF carries",
    severity=Severity.HIGH,
    traits=frozenset({Trait.WRITE, Trait.EXECUTE}),
    attack=("T1059.007", "T1204.002"),
    explanation="exportDataObject with nLaunch writes an attached file to disk and opens it; openDataObject opens it.",
    false_positives="Portfolios that open their first document.",
)
SCRIPT_EXPLOITS = Rule(
    id="pdf.script-exploits",
    title="Script of the PDF calls what only exploits call, or fills memory with code",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1203", "T1059.007"),
    explanation="Functions of old readers with known holes, called with what overflows them, or long texts of "
    "machine code.",
    false_positives="None known.",
)
SCRIPT_UNPACKS = Rule(
    id="pdf.script-unpacks",
    title="Script of the PDF makes more script and runs it",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027", "T1059.007"),
    explanation="eval, Function or setTimeout run a text that was put together first. The texts were evaluated too.",
    false_positives="Form libraries that build the names of fields.",
)
LAUNCH = Rule(
    id="pdf.launch",
    title="PDF has an action that starts a program or opens a file",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002",),
    explanation="A Launch action hands a file or a command line to the system after one question to the reader.",
    false_positives="Old catalogues on CD-ROM.",
)
LAUNCHES_PROGRAM = Rule(
    id="pdf.launches-program",
    title="PDF starts a command interpreter, or a program or script by name",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002", "T1059"),
    explanation="The Launch action names a program of Windows that runs commands, or a file whose extension runs.",
    false_positives="Menus of old discs.",
)
AUTOMATIC_ACTION = Rule(
    id="pdf.automatic-action",
    title="PDF acts by itself when it is opened or turned over",
    severity=Severity.LOW,
    traits=frozenset({Trait.AUTORUN}),
    explanation="/OpenAction or /AA starts an action that is more than a place in the document.",
    false_positives="Forms, presentations, and documents that open the print dialogue.",
)
ACTION_NOT_FOLLOWED = Rule(
    id="pdf.action-not-followed",
    title="An action of the PDF was not followed",
    severity=Severity.INFO,
    explanation="The script, file or address that an action names was not found, is encoded in a way that is not "
    "undone here, or is too long; or its script was not evaluated to the end.",
    false_positives="Truncated downloads and forms of rare programs.",
    incomplete=True,
)
EMBEDDED_FILE = Rule(
    id="pdf.embedded-file",
    title="PDF carries files",
    severity=Severity.LOW,
    attack=("T1027.009",),
    explanation="Files are attached inside of the document; each is looked at as an artifact of its own.",
    false_positives="Electronic invoices (ZUGFeRD, Factur-X), portfolios and archived mail.",
)
EMPTY_PASSWORD = Rule(
    id="pdf.empty-password",
    title="PDF is encrypted with an empty password",
    severity=Severity.INFO,
    attack=("T1027.013",),
    explanation="Every reader opens it without a question, and so did this scan: links, object streams and files in it "
    "were read. The encryption only forbids printing or copying, and hides content from filters.",
    false_positives="Statements of banks and insurers, and documents that forbid copying.",
)
FILE_NOT_READ = Rule(
    id="pdf.file-not-read",
    title="A file inside of the PDF was not read",
    severity=Severity.INFO,
    explanation="The document names embedded files whose data was not found, is encrypted, or is encoded in a way that "
    "is not undone here.",
    false_positives="Portfolios with rare encodings.",
    incomplete=True,
)
ACTIVE_FORM = Rule(
    id="pdf.active-form",
    title="PDF holds an XFA form, Flash or other rich media",
    severity=Severity.INFO,
    explanation="XFA forms and rich media have scripts and parsers of their own, and were not read.",
    false_positives="Forms of public offices.",
    incomplete=True,
)
REMOTE_ACTION = Rule(
    id="pdf.remote-action",
    title="PDF sends data or opens another document",
    severity=Severity.LOW,
    explanation="SubmitForm, ImportData, GoToR or GoToE lead out of the document.",
    false_positives="Forms that are sent to an office; manuals in several volumes.",
)
SHARE_ACTION = Rule(
    id="pdf.share-action",
    title="Action of the PDF reaches for a file on a server",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1187",),
    explanation="The target is a share: reaching for it sends the reader's login to that server, and what it answers "
    "is opened.",
    false_positives="Documents of one's own network, by a short server name.",
)
PROGRAM_LINK = Rule(
    id="pdf.program-link",
    title="PDF links to a program, script or archive",
    severity=Severity.MEDIUM,
    attack=("T1566.002",),
    explanation="The link leads straight to something that runs, or to an archive, instead of a page.",
    false_positives="Manuals and release notes that link to their downloads.",
)
ENCRYPTED = Rule(
    id="pdf.encrypted",
    title="PDF is encrypted",
    severity=Severity.INFO,
    explanation="Strings and streams are encrypted (often with an empty password, which readers try by themselves), so "
    "that links, scripts and files in it were not read.",
    false_positives="Statements of banks and insurers, and documents that forbid copying.",
    incomplete=True,
)
NOT_READ = Rule(
    id="pdf.objects-not-read",
    title="Objects of the PDF were not read",
    severity=Severity.INFO,
    explanation="An object stream is damaged, too large, or encoded in a way that is not undone here.",
    false_positives="Truncated downloads and rare encoders.",
    incomplete=True,
)
HIDDEN_NAME = Rule(
    id="pdf.hidden-name",
    title="Name of an action is written with escapes",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="/J#61vaScript is the same name to a reader, and another one to a filter. Letters need no escape.",
    false_positives="None known.",
)
OTHER_FILE = Rule(
    id="pdf.other-file",
    title="Another file lies in front of, inside or behind the PDF",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1036.008",),
    explanation="The same bytes are another kind of file as well: a web archive with macros that Word opens, an "
    "archive, a page with scripts.",
    false_positives="Self-printing and hybrid PDF files.",
)
