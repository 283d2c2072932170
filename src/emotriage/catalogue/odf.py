"""OpenDocument packages: macros that events start, links that lead elsewhere, locks."""

from emotriage.model.finding import Rule, Severity, Trait

MACROS = Rule(
    id="odf.macros",
    title="OpenDocument with macros",
    severity=Severity.INFO,
    attack=("T1059.005",),
    explanation="The document holds modules of Basic, or scripts in other languages. They were looked at.",
    false_positives="Templates and forms of organisations that work with LibreOffice.",
)
LISTENER = Rule(
    id="odf.autorun",
    title="A macro starts when the document is opened",
    severity=Severity.LOW,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1204.002",),
    explanation="An event of the document, such as opening, closing or printing it, is bound to a macro.",
    false_positives="Templates that set themselves up.",
)
FOREIGN_SCRIPT = Rule(
    id="odf.foreign-script",
    title="An event starts a script that lies outside of the document's libraries",
    severity=Severity.HIGH,
    traits=frozenset({Trait.AUTORUN, Trait.EXECUTE}),
    attack=("T1204.002", "T1059.006"),
    explanation="The address of the script names a place of the program or the machine, or leads up out of its folder "
    "(pattern of CVE-2018-16858).",
    false_positives="In-house documents that use the macros of the installation.",
)
REMOTE_OBJECT = Rule(
    id="odf.remote-object",
    title="Object or frame is loaded from elsewhere",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1187", "T1221"),
    explanation="An object, frame, section or table of the document lies at a remote address and is fetched when it is "
    "opened; with a network path that hands over the user's password hash.",
    false_positives="Documents that are put together on a server.",
)
REMOTE_PICTURE = Rule(
    id="odf.remote-picture",
    title="Picture is loaded from elsewhere",
    severity=Severity.INFO,
    attack=("T1187",),
    explanation="A linked picture tells the server that the document was opened; with a network path, by whom.",
    false_positives="Text copied from web pages.",
)
DDE_LINK = Rule(
    id="odf.dde-link",
    title="A link of the document starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="The document asks another program for data by DDE, and names it.",
    false_positives="Links to other documents of the office program: these count as a guess only.",
)
ENCRYPTED = Rule(
    id="odf.encrypted",
    title="The OpenDocument is encrypted",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The manifest calls parts of the document encrypted; they were not looked at.",
    false_positives="Confidential business mail.",
)
DAMAGED = Rule(
    id="odf.damaged",
    title="Parts of the OpenDocument could not be read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="A part is damaged, declares a document type, or is compressed in a way that is not read.",
    false_positives="Truncated downloads.",
)
