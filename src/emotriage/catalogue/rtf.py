"""RTF documents: objects that load themselves, links that leave the document, data written to be misread."""

from emotriage.model.finding import Rule, Severity, Trait

EMBEDDED_OBJECT = Rule(
    id="rtf.embedded-object",
    title="An object is embedded in the RTF document",
    severity=Severity.INFO,
    explanation="The document holds an object of another application; it was looked at as an artifact of its own.",
    false_positives="Ordinary office work.",
)
OBJECT_UPDATE = Rule(
    id="rtf.self-updating-object",
    title="An object loads itself when the document opens",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.AUTORUN}),
    attack=("T1203", "T1559.001"),
    explanation=(
        "The control word \\objupdate makes Word load the object without a click. Exploits need that; Word itself "
        "hardly ever writes it."
    ),
    false_positives="Documents of report generators whose figures are to be fresh.",
)
EXPLOITABLE_OBJECT = Rule(
    id="rtf.exploitable-object",
    title="An object of a class known from exploits is loaded with the document",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1203", "T1559.001"),
    explanation=(
        "The object is a control, script or browser class, or an equation or OLE link that updates itself: the pattern "
        "of CVE-2012-0158, CVE-2017-0199, CVE-2017-8570, CVE-2017-8759, CVE-2017-11882 and their kin. It is a pattern, "
        "not a proof."
    ),
    false_positives="Very old manuals with controls in their text.",
)
DISGUISED_CLASS = Rule(
    id="rtf.disguised-class",
    title="An object is not of the class it says",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1036", "T1027"),
    explanation=(
        "The class that the document names, the one in the object's header and the one in its data differ, or the name "
        "is spelled as no program spells it. Filters go by the name, Word by the data."
    ),
    false_positives="None known.",
)
OBFUSCATED_DATA = Rule(
    id="rtf.obfuscated-data",
    title="An object's data is written to be misread",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE, Trait.EVADE}),
    attack=("T1027",),
    explanation=(
        "Control words, groups or binary data stand between the hexadecimal digits of an object. Word skips them, "
        "many other readers stumble; writers of honest documents put digits and line ends there, and nothing else."
    ),
    false_positives="None known.",
)
MALFORMED_HEADER = Rule(
    id="rtf.malformed-header",
    title="The document begins as no RTF writer begins one",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027",),
    explanation="Every document begins with {\\rtf1. Word is content with {\\rt, and filters that are not let it pass.",
    false_positives="Fragments of RTF that rare programs keep without their header.",
)
NOT_READ = Rule(
    id="rtf.not-read",
    title="Part of the RTF document could not be read",
    severity=Severity.INFO,
    explanation=(
        "An object's data makes no sense or ends before its length says, or there is more of something than is kept. "
        "What is missing was not looked at."
    ),
    false_positives="Truncated downloads, and objects of rare programs.",
    incomplete=True,
)
REMOTE_OBJECT = Rule(
    id="rtf.remote-object",
    title="A linked object lies on another host",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.AUTORUN}),
    attack=("T1221", "T1559.001"),
    explanation=(
        "The object's header links it to an address, from which the document fetches it (the pattern of CVE-2017-0199)."
    ),
    false_positives="Documents linked to a workbook on a company's server.",
)
LINKED_OBJECT = Rule(
    id="rtf.linked-object",
    title="An object is linked to another file",
    severity=Severity.INFO,
    explanation="An object lives in another file of the same machine or network.",
    false_positives="Ordinary office work.",
)
REMOTE_TEMPLATE = Rule(
    id="rtf.remote-template",
    title="The attached template lies on another host",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.AUTORUN}),
    attack=("T1221",),
    explanation=(
        "The destination \\template names an address, which Word fetches when the document opens, whatever comes from "
        "there: macros, or another exploit."
    ),
    false_positives="Company templates on a web server.",
)
INTRANET_TEMPLATE = Rule(
    id="rtf.intranet-template",
    title="The attached template lies on a share of the network",
    severity=Severity.INFO,
    attack=("T1221",),
    explanation="Word fetches the template from a host with a short name when the document opens.",
    false_positives="Company templates on a file server: this is how companies work.",
)
DDE_FIELD = Rule(
    id="rtf.dde-field",
    title="A field of the text starts another program by DDE",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1559.002",),
    explanation="A DDE or DDEAUTO field names a program and its arguments; Word offers to start it on opening.",
    false_positives="Old reports that take figures from Excel by DDE: these count as a guess only.",
)
REMOTE_TEXT = Rule(
    id="rtf.remote-text",
    title="A field fetches text or an object from another host",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1187", "T1221"),
    explanation="An INCLUDETEXT, LINK or RD field names a remote address, which Word fetches when fields are updated.",
    false_positives="Documents put together from parts on a web server.",
)
REMOTE_PICTURE = Rule(
    id="rtf.remote-picture",
    title="Picture is loaded from elsewhere",
    severity=Severity.INFO,
    attack=("T1187",),
    explanation="A linked picture tells the server that the document was opened; with a network path, by whom.",
    false_positives="Text copied from web pages; newsletters.",
)
HANDLER_LINK = Rule(
    id="rtf.handler-link",
    title="Link to a protocol handler that runs programs",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.EXECUTE}),
    attack=("T1221", "T1203"),
    explanation=(
        "A template, object or field leads to mhtml:, ms-msdt:, script: or a similar handler, which is how documents "
        "have run code without macros (patterns of CVE-2021-40444, CVE-2022-30190)."
    ),
    false_positives="None known.",
)
TOO_MANY_FONTS = Rule(
    id="rtf.too-many-fonts",
    title="More fonts than Word's font table holds",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1203",),
    explanation=(
        "The font table declares tens of thousands of fonts. Word counts them in 16 bits and writes beyond its memory "
        "(the pattern of CVE-2023-21716)."
    ),
    false_positives="None known; documents have dozens.",
)
CROWDED_STRUCTURE = Rule(
    id="rtf.crowded-structure",
    title="A shape or list holds more data than Word has room for",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE, Trait.AUTORUN}),
    attack=("T1203",),
    explanation=(
        "The property pFragments of a shape holds data instead of numbers, or a list overrides more than its nine "
        "levels: the patterns of CVE-2010-3333 and CVE-2014-1761."
    ),
    false_positives="None known; the specification allows 0, 1 or 9 overrides.",
)
OTHER_FILE = Rule(
    id="rtf.other-file",
    title="Another file lies behind the RTF document",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027.009",),
    explanation="Behind the brace that closes the document begins another file, which Word does not see.",
    false_positives="Files that a careless program has written one behind the other.",
)
