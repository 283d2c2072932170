"""Office Open XML packages: links that leave the document, parts that are not what they are called, damage."""

from emotriage.model.finding import Rule, Severity, Trait

_EVADE = frozenset({Trait.EVADE})
_TEMPLATE_INJECTION = ("T1221",)

REMOTE_TEMPLATE = Rule(
    id="ooxml.remote-template",
    title="Template is loaded from elsewhere",
    severity=Severity.HIGH,
    traits=frozenset({Trait.AUTORUN, Trait.DOWNLOAD}),
    attack=_TEMPLATE_INJECTION,
    explanation="When the document opens, Word fetches its template from the address, and runs the macros in it once "
    "they are enabled. The document itself holds none.",
    false_positives="Organisations that keep their templates on a web server or in SharePoint.",
)
INTRANET_TEMPLATE = Rule(
    id="ooxml.intranet-template",
    title="Template is loaded from a server by its short name",
    severity=Severity.LOW,
    attack=_TEMPLATE_INJECTION,
    explanation="The template lies on a file server that is named without a domain, as inside of an organisation.",
    false_positives="Usual in organisations that keep templates on a file server.",
)
REMOTE_OBJECT = Rule(
    id="ooxml.remote-object",
    title="Object is loaded from elsewhere",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=_TEMPLATE_INJECTION,
    explanation="A linked OLE object or an alternative-format part lies at a remote address. Several exploits begin so "
    "(patterns of CVE-2017-0199, CVE-2021-40444, CVE-2022-30190).",
    false_positives="Objects linked to documents on a company's web server.",
)
REMOTE_FRAME = Rule(
    id="ooxml.remote-frame",
    title="Frame or subdocument is loaded from elsewhere",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1187", "T1221"),
    explanation="A frameset or master document fetches a part of itself from a remote address when it opens; with a "
    "network path that hands over the user's password hash.",
    false_positives="Master documents on a web server.",
)
HANDLER_LINK = Rule(
    id="ooxml.handler-link",
    title="Link to a protocol handler that runs programs",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.EXECUTE}),
    attack=("T1221", "T1203"),
    explanation="Relationships to mhtml:, ms-msdt:, search-ms: and similar handlers are how documents have run code "
    "without macros.",
    false_positives="None known.",
)
REMOTE_PART = Rule(
    id="ooxml.remote-part",
    title="Another kind of part lies elsewhere",
    severity=Severity.LOW,
    attack=_TEMPLATE_INJECTION,
    explanation="A relationship that is neither a hyperlink nor a picture leads to a remote address.",
    false_positives="Links between workbooks and to media on servers.",
)
REMOTE_PICTURE = Rule(
    id="ooxml.remote-picture",
    title="Picture is loaded from elsewhere",
    severity=Severity.INFO,
    attack=("T1187",),
    explanation="A linked picture tells the server that the document was opened; with a network path, by whom.",
    false_positives="Text copied from web pages; newsletters.",
)
RENAMED_MACROS = Rule(
    id="ooxml.renamed-macro-project",
    title="Macro project under another name or content type",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036.008",),
    explanation="Office finds macros by relationship, whatever the part is called. Writers call it vbaProject.bin and "
    "declare it as one; who does not hides it from those who go by names.",
    false_positives="None known.",
)
MACROS_IN_PLAIN = Rule(
    id="ooxml.macros-in-plain-document",
    title="Macro project in a document that claims to have none",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036.008",),
    explanation="The main part's content type, or the extension of the file, says that there are no macros, and there "
    "is a macro project.",
    false_positives="Documents converted by careless programs.",
)
DISGUISED_PART = Rule(
    id="ooxml.disguised-part",
    title="Part is not what its name and content type say",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036.008",),
    explanation="A part that is declared as XML, a picture or a font begins like a compound file, an archive, a "
    "program, a shortcut, a PDF or RTF.",
    false_positives="None known.",
)
DUPLICATE_PART = Rule(
    id="ooxml.duplicate-part",
    title="Two parts of one name",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027",),
    explanation="Names that differ in nothing but case stand for one part; which of them is read depends on the "
    "program. All of them are looked at.",
    false_positives="Documents changed by careless programs.",
)
ACTIVEX = Rule(
    id="ooxml.activex",
    title="ActiveX controls",
    severity=Severity.INFO,
    attack=("T1559.001",),
    explanation="Controls can start macros without a click, and their properties can carry a payload.",
    false_positives="Forms with buttons and boxes.",
)
FOREIGN_ACTIVEX = Rule(
    id="ooxml.foreign-activex",
    title="ActiveX control that is not one of the usual form controls",
    severity=Severity.LOW,
    attack=("T1559.001",),
    explanation="The control's class is none of the Microsoft Forms library; its state is left unread.",
    false_positives="Calendars, media players and charts of older forms.",
)
RIBBON_CALLBACK = Rule(
    id="ooxml.ribbon-callback",
    title="A ribbon calls a macro when the document opens",
    severity=Severity.LOW,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1204.002",),
    explanation="The onLoad callback of a custom ribbon starts a macro of any name, without one of the usual names.",
    false_positives="Add-ins and templates with a ribbon of their own.",
)
DOCUMENT_TYPE = Rule(
    id="ooxml.document-type",
    title="Part declares a document type",
    severity=Severity.HIGH,
    incomplete=True,
    attack=("T1203",),
    explanation="Open Packaging forbids document type declarations; they bring entity bombs and external entities. The "
    "part was not read further.",
    false_positives="None known outside of test files.",
)
NO_CONTENT_TYPES = Rule(
    id="ooxml.no-content-types",
    title="Package without content types",
    severity=Severity.INFO,
    explanation="[Content_Types].xml is missing; the parts were told by their bytes alone.",
    false_positives="Damaged documents.",
)
DAMAGED = Rule(
    id="ooxml.damaged",
    title="Parts of the package could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="A part, or one of the tables that say what the parts are, is damaged, encrypted or compressed in a "
    "way that is not read.",
    false_positives="Truncated downloads.",
)
DDE_FIELD = Rule(
    id="ooxml.dde-field",
    title="A field of the text starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A DDE or DDEAUTO field names a program and its arguments; Word offers to start it on opening.",
    false_positives="Old reports that take figures from Excel by DDE: these count as a guess only.",
)
DDE_LINK = Rule(
    id="ooxml.dde-link",
    title="A link of the workbook starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A cell asks another program for data by DDE, and names it with its arguments; Excel offers to start "
    "it.",
    false_positives="Market data and measurements by DDE; links to Office programs count as a guess only.",
)
