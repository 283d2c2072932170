"""File names that deceive: what an attachment or a member of an archive is called, against what it is."""

from emotriage.model.finding import Rule, Severity, Trait

_LURE = frozenset({Trait.LURE})
_MASQUERADE = ("T1036",)

BIDI_OVERRIDE = Rule(
    id="names.bidi-override",
    title="File name is shown in another order than it is stored",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=("T1036.002",),
    explanation="A right-to-left or left-to-right override makes the end of the name look like its middle: a program "
    "called invoice<RLO>fdp.exe is shown as invoiceexe.pdf.",
    false_positives="None known; Arabic and Hebrew names do not need overrides.",
)
BIDI_MARK = Rule(
    id="names.bidi-mark",
    title="File name holds marks of writing direction",
    severity=Severity.INFO,
    attack=("T1036.002",),
    explanation="Embeddings and isolates can also reorder what is shown, but honest programs write them too.",
    false_positives="Names copied from Arabic, Hebrew or Persian text, and from some Windows dialogues.",
)
DOUBLE_EXTENSION = Rule(
    id="names.double-extension",
    title="Something that runs is named like a document",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=("T1036.007",),
    explanation="Windows hides the last extension of many files, and always that of shortcuts: invoice.pdf.lnk is "
    "shown as invoice.pdf.",
    false_positives="Shortcuts to documents, as in the list of recent files, that are sent by mistake.",
)
HIDDEN_EXTENSION = Rule(
    id="names.hidden-extension",
    title="Blanks push the extension out of sight",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=_MASQUERADE,
    explanation="20 blanks or more before the extension, so that a list of files shows the name without it.",
    false_positives="Templates with underscores or blanks to fill in, saved under their own title.",
)
TRAILING = Rule(
    id="names.trailing-dot-or-blank",
    title="Dots or blanks behind the extension",
    severity=Severity.LOW,
    attack=("T1036.006",),
    explanation="Windows drops them when it saves the file, filters that look at the end of the name do not.",
    false_positives="Careless typing.",
)
INVISIBLE = Rule(
    id="names.invisible-characters",
    title="Invisible or control characters in the file name",
    severity=Severity.LOW,
    attack=_MASQUERADE,
    explanation="Zero-width characters split words and extensions that filters look for; control characters and NUL "
    "make programs disagree about where the name ends.",
    false_positives="Names pasted from web pages, soft hyphens, broken encodings.",
)
LOOKALIKE_EXTENSION = Rule(
    id="names.lookalike-extension",
    title="Extension in look-alike characters",
    severity=Severity.LOW,
    attack=_MASQUERADE,
    explanation="Read with plain letters and dots, the name ends like that of a program; as written it does not.",
    false_positives="Full-width typing in Japanese.",
)
DISGUISED = Rule(
    id="names.disguised-program",
    title="Something that runs carries the name of a document or picture",
    severity=Severity.HIGH,
    traits=_LURE,
    attack=("T1036.008",),
    explanation="The name's extension promises a document, a picture, sound or an archive; the content is a program, a "
    "script, a shortcut or an HTML application.",
    false_positives="Broken downloads that saved an error page or a script under the name of the file.",
)
WEB_PAGE = Rule(
    id="names.disguised-page",
    title="A web page carries the name of a PDF or picture",
    severity=Severity.MEDIUM,
    traits=_LURE,
    attack=("T1036.008",),
    explanation="The name's extension promises a PDF or a picture; the content is HTML, SVG or an internet shortcut.",
    false_positives="Broken downloads that saved an error page under the name of the file.",
)
OTHER_TYPE = Rule(
    id="names.other-type",
    title="Extension of another file type",
    severity=Severity.INFO,
    explanation="The content is of another kind than the extension says. Office opens RTF, HTML and web archives under "
    "the name of a Word or Excel file, and reads their macros and links.",
    false_positives="Reports that are HTML under an .xls name; RTF under .doc; pictures under each other's names.",
)
ACTIVE_EXTENSION = Rule(
    id="names.active-extension",
    title="Opening a file of this name runs it",
    severity=Severity.INFO,
    attack=("T1204.002",),
    explanation="The extension belongs to programs, scripts, shortcuts or disk images.",
    false_positives="Every honest file of that kind.",
)
OTHER_READER = Rule(
    id="names.other-reader",
    title="Its name has it opened by a program that reads it differently",
    severity=Severity.INFO,
    incomplete=True,
    attack=("T1036.008",),
    explanation="Browsers, script hosts and the like skip what they do not understand; nobody looked for their part.",
    false_positives="Plain text saved under the extension of a page or a registry file.",
)
