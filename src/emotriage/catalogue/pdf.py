"""PDF documents: what acts, links out, or is carried along."""

from emotriage.model.finding import Rule, Severity, Trait

JAVASCRIPT = Rule(
    id="pdf.javascript",
    title="PDF holds JavaScript",
    severity=Severity.MEDIUM,
    attack=("T1059.007",),
    explanation="The reader runs scripts of the document; what they do was not read.",
    false_positives="Forms that check and add up their fields.",
    incomplete=True,
)
LAUNCH = Rule(
    id="pdf.launch",
    title="PDF has an action that starts a program or opens a file",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002",),
    explanation="A Launch action hands a file or a command line to the system after one question to the reader.",
    false_positives="Old catalogues on CD-ROM.",
    incomplete=True,
)
AUTOMATIC_ACTION = Rule(
    id="pdf.automatic-action",
    title="PDF acts by itself when it is opened or turned over",
    severity=Severity.LOW,
    explanation="/OpenAction or /AA names an action that is more than a place in the document, and was not followed.",
    false_positives="Forms, presentations, and documents that open the print dialogue.",
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
    explanation="SubmitForm, ImportData, GoToR or GoToE lead out of the document; to a share they give away a login.",
    false_positives="Forms that are sent to an office; manuals in several volumes.",
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
