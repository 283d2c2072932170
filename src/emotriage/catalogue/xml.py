"""XML that is more than data: what a program would act on, and what parsers choke on."""

from emotriage.model.finding import Rule, Severity, Trait

ACTIVE_DOCUMENT = Rule(
    id="xml.active-document",
    title="XML that a program acts on",
    severity=Severity.LOW,
    incomplete=True,
    attack=("T1204.002",),
    explanation="The root element belongs to a format that Windows installs, runs or connects by: consoles, build "
    "projects, tasks, deployment manifests. What it would do was not read. Or a library or search leads to a place of "
    "the shell, or to code by its class, and what lies there is not known.",
    false_positives="Honest files of those programs; they seldom come by mail.",
)
SCRIPT = Rule(
    id="xml.script",
    title="XML holds a script",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE}),
    incomplete=True,
    attack=("T1220",),
    explanation="A browser, or a transformation by wmic or msxsl, runs the script of such a document. It was not read.",
    false_positives="Style sheets of publishing systems.",
)
STYLE_SHEET = Rule(
    id="xml.style-sheet",
    title="XML names the program or style sheet to be shown by",
    severity=Severity.LOW,
    incomplete=True,
    attack=("T1220",),
    explanation="Opening the file fetches a style sheet, which can hold scripts, or starts the Office program that it "
    "names. Neither was followed.",
    false_positives="Feeds, and invoices that come with a style sheet to be read by people.",
)
DOCUMENT_TYPE = Rule(
    id="xml.document-type",
    title="XML declares a document type",
    severity=Severity.INFO,
    incomplete=True,
    explanation="Document types can bring entities that fetch files or grow without bound, so nothing behind one is "
    "read.",
    false_positives="Property lists, older feeds and technical documentation.",
)
ENTITIES = Rule(
    id="xml.entities",
    title="XML declares entities of its own",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1499.004",),
    explanation="Entities bring in files and addresses from elsewhere, or unfold to gigabytes. Data that is exchanged "
    "has no use for them.",
    false_positives="Books and manuals in DocBook or DITA.",
)
