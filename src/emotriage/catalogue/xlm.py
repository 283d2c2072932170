"""Excel 4.0 macro sheets: that they are there, how they start, how they hide, and what they call.

Macro sheets are thirty years old, and honest workbooks that have them are nearly as old. What attackers do with them
differs: the sheet is hidden, starts by a defined name, asks who is watching, and joins its commands from pieces.
"""

from emotriage.model.finding import Rule, Severity, Trait

_AUTORUN = frozenset({Trait.AUTORUN})
_EVADE = frozenset({Trait.EVADE})
_EXECUTE = frozenset({Trait.EXECUTE})
_OBFUSCATE = frozenset({Trait.OBFUSCATE})

MACROSHEET = Rule(
    id="xlm.macrosheet",
    title="Workbook has an Excel 4.0 macro sheet",
    severity=Severity.INFO,
    attack=("T1059",),
    explanation=(
        "Formulas of a macro sheet can start programs, call any library and write files, and most scanners of "
        "Visual Basic do not see them."
    ),
    false_positives="Workbooks and add-ins that have been carried along since the 1990s.",
)
HIDDEN = Rule(
    id="xlm.hidden-macrosheet",
    title="A macro sheet is hidden",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1564", "T1059"),
    explanation="The sheet with the macros has no tab; the user has to ask for hidden sheets to see it.",
    false_positives="Old workbooks whose authors put the macros out of the way.",
)
VERY_HIDDEN = Rule(
    id="xlm.very-hidden-macrosheet",
    title="A macro sheet is hidden so that no menu shows it",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1564", "T1059"),
    explanation="The sheet is in the state that only a program can set and undo.",
    false_positives="Add-ins that protect their workings.",
)
UNLISTED = Rule(
    id="xlm.unlisted-macrosheet",
    title="A macro sheet is in the file but not in the list of sheets",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1564",),
    explanation="Readers that go by the list do not see it. It was read all the same.",
    false_positives="Files that were repaired or written by unfinished programs.",
)
TYPE_DIFFERS = Rule(
    id="xlm.sheet-type-differs",
    title="One place says macro sheet, another says something else",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036",),
    explanation="The list of sheets and the sheet itself disagree about its type; it was read as a macro sheet.",
    false_positives="None known.",
)
AMBIGUOUS = Rule(
    id="xlm.ambiguous-workbook",
    title="The file holds two workbooks with different macro sheets",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036",),
    explanation="Which of them opens depends on the program and its version; both were read.",
    false_positives="Files saved for Excel 97 and Excel 5 at once by a program that leaves macros out of one of them.",
)
AUTORUN = Rule(
    id="xlm.autorun",
    title="A defined name starts the macro sheet by itself",
    severity=Severity.LOW,
    traits=_AUTORUN,
    attack=("T1204.002",),
    explanation="Auto_Open, Auto_Close, Auto_Activate or Auto_Deactivate is defined: Excel runs what it points to.",
    false_positives="Every macro workbook of its day that sets up menus.",
)
DISGUISED_AUTORUN = Rule(
    id="xlm.disguised-autorun",
    title="The name that starts the macro sheet is not spelled like one",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.AUTORUN, Trait.EVADE}),
    attack=("T1036", "T1204.002"),
    explanation=(
        "Excel runs every name that begins with Auto_Open, and does not mind invisible characters in it. Text behind "
        "it, or such characters in it, keep readers that compare names from finding it."
    ),
    false_positives="Workbooks put together from several, each with its own Auto_Open.",
)
HIDDEN_AUTORUN = Rule(
    id="xlm.hidden-autorun",
    title="The name that starts the macro sheet is hidden",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1564",),
    explanation="The name is marked so that the Name Manager does not list it.",
    false_positives="Add-ins that tidy up after themselves.",
)
EXECUTES = Rule(
    id="xlm.executes",
    title="Macro sheet starts programs",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1059",),
    explanation="A formula calls EXEC, or opens a channel to a program that the file does not name.",
    false_positives="Old workbooks that start a converter.",
)
STARTS_ACCESSORY = Rule(
    id="xlm.starts-accessory",
    title="Macro sheet starts an editor, a help file or another office program",
    severity=Severity.INFO,
    attack=("T1059",),
    explanation="A formula calls EXEC for a program that does nothing by itself.",
    false_positives="Old workbooks that show their instructions.",
)
TALKS_TO_PROGRAM = Rule(
    id="xlm.talks-to-program",
    title="Macro sheet sends commands to another program",
    severity=Severity.INFO,
    attack=("T1559.002",),
    explanation="It opens a channel (DDE) to a program that it names, and has it do something.",
    false_positives="Letters and price feeds of the 1990s.",
)
OPENS_REMOTE = Rule(
    id="xlm.opens-remote",
    title="Macro sheet opens a file from the web",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1105", "T1221"),
    explanation="OPEN is given an address; what comes back can be another workbook with macros.",
    false_positives="Workbooks that fetch prices.",
)
INTERPRETER = Rule(
    id="xlm.runs-interpreter",
    title="Macro sheet has a command line for a script host or a system tool",
    severity=Severity.HIGH,
    traits=_EXECUTE,
    attack=("T1218", "T1059"),
    explanation=(
        "cmd, PowerShell, mshta, regsvr32, rundll32, wscript and their like run what they are told; a workbook has no "
        "business with them."
    ),
    false_positives="Administrators' own workbooks.",
)
CALLS_LIBRARY = Rule(
    id="xlm.calls-library",
    title="Macro sheet calls a library",
    severity=Severity.MEDIUM,
    traits=_EXECUTE,
    attack=("T1106",),
    explanation=(
        "CALL or REGISTER runs a function of any DLL with the arguments the formula gives it. Which one is not said, "
        "or it fetches files, starts programs or writes into memory, or the library lies where downloads do."
    ),
    false_positives="Add-ins of before Visual Basic that keep the names of their functions in a table.",
)
NAMES_LIBRARY = Rule(
    id="xlm.names-library",
    title="Macro sheet calls a library's function by its name",
    severity=Severity.INFO,
    attack=("T1106",),
    explanation="CALL or REGISTER names a function that neither fetches files nor starts programs.",
    false_positives="Add-ins of before Visual Basic that come with a DLL of their own.",
)
SPLIT_COMMAND = Rule(
    id="xlm.split-command",
    title="The name of a program or system function is put together from pieces",
    severity=Severity.MEDIUM,
    traits=_OBFUSCATE,
    attack=("T1027",),
    explanation=(
        "A script host, a system tool, or a function that fetches files or starts programs is named nowhere in the "
        "file; its name appears only when the texts of several cells, names or calls are joined."
    ),
    false_positives="None known.",
)
DANGEROUS_API = Rule(
    id="xlm.dangerous-api",
    title="Macro sheet names system functions that start programs or write into memory",
    severity=Severity.HIGH,
    traits=_EXECUTE,
    attack=("T1106", "T1055"),
    explanation="ShellExecute, WinExec, CreateProcess, VirtualAlloc, RtlMoveMemory, CreateThread and the like.",
    false_positives="Development tools.",
)
DISGUISED_ADDRESS = Rule(
    id="xlm.disguised-address",
    title="The host of an address is a number in disguise",
    severity=Severity.MEDIUM,
    traits=_OBFUSCATE,
    attack=("T1027",),
    explanation="It is written in hexadecimal or octal digits, or as one number: programs read that, people do not.",
    false_positives="None known.",
)
PROGRAM_LINK = Rule(
    id="xlm.program-link",
    title="A formula has another program started",
    severity=Severity.HIGH,
    traits=_EXECUTE,
    attack=("T1559.002",),
    explanation=(
        "A link of the form program|topic!item (DDE) makes Excel start the program, with the topic as its arguments."
    ),
    false_positives="Price feeds, which name the program of their vendor.",
)
DOWNLOADS = Rule(
    id="xlm.downloads",
    title="Macro sheet fetches a file",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD}),
    attack=("T1105",),
    explanation="It names URLDownloadToFile or another function of the web, or a command line that downloads.",
    false_positives="Workbooks that fetched quotes before Excel had web queries.",
)
WRITES_FILE = Rule(
    id="xlm.writes-file",
    title="Macro sheet writes a file",
    severity=Severity.LOW,
    traits=frozenset({Trait.WRITE}),
    attack=("T1059",),
    explanation="FWRITE or FWRITELN puts text into a file, which can be a script.",
    false_positives="Exports of tables as text.",
)
WRITES_FORMULAS = Rule(
    id="xlm.writes-formulas",
    title="Macro sheet computes formulas and writes them into cells",
    severity=Severity.MEDIUM,
    traits=_OBFUSCATE,
    attack=("T1027",),
    explanation=(
        "What really runs stands nowhere in the file: it is put together while the macro runs, from many pieces or "
        "character by character in a loop."
    ),
    false_positives="Model builders of the 1990s; recorded macros write constants, which do not count.",
)
CHARACTER_CHAINS = Rule(
    id="xlm.character-chains",
    title="Texts of the macro sheet are chains of single characters",
    severity=Severity.MEDIUM,
    traits=_OBFUSCATE,
    attack=("T1027",),
    explanation="Long chains of CHAR, MID or single cells joined by & hide what the text says.",
    false_positives="Messages with a few line breaks stay far below the count.",
)
ENVIRONMENT = Rule(
    id="xlm.environment-questions",
    title="Macro sheet asks who is watching",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1497",),
    explanation=(
        "It asks for several of: a mouse, sound, the size of the screen, single-step mode, the day, the height of a "
        "row or the size of a font. Analysis machines answer differently, and then nothing happens."
    ),
    false_positives="Add-ins that arrange windows by the size of the screen.",
)
SANDBOX_GATE = Rule(
    id="xlm.sandbox-gate",
    title="Macro sheet goes no further when the machine answers otherwise",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1497",),
    explanation=(
        "A question about the machine, the window or the date decides whether the macro goes on or ends. Both ways "
        "were followed."
    ),
    false_positives="Macros that end where the version of Excel or the kind of sheet does not suit them.",
)
DATE_KEY = Rule(
    id="xlm.date-key",
    title="What the macro sheet puts together makes sense on certain dates only",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE, Trait.OBFUSCATE}),
    attack=("T1027", "T1480"),
    explanation=(
        "The date is part of the key to its texts. The dates that differ were tried; the evidence says under which one "
        "the texts can be read, and what they do was judged under that one."
    ),
    false_positives="None known.",
)
ENVIRONMENT_KEY = Rule(
    id="xlm.environment-key",
    title="What the macro sheet puts together makes sense in certain surroundings only",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EVADE, Trait.OBFUSCATE}),
    attack=("T1027", "T1480"),
    explanation=(
        "The state of the window, the screen, the document or the look of a cell is part of the key to its texts. The "
        "answers that there may be were tried; the evidence says under which one the texts can be read, and what they "
        "do was judged under that one."
    ),
    false_positives="None known.",
)
STARTED_BY_VBA = Rule(
    id="xlm.started-by-vba",
    title="Visual Basic starts Excel 4.0 macros",
    severity=Severity.LOW,
    traits=_EXECUTE,
    attack=("T1059.005", "T1059"),
    explanation=(
        "Code of the workbook calls ExecuteExcel4Macro, or runs a macro sheet by its name: what starts is in one "
        "place, what it does in the other."
    ),
    false_positives="Old workbooks that were extended in Visual Basic.",
)
UNFINISHED = Rule(
    id="xlm.emulation-limit",
    title="The macro sheets were not followed to their end",
    severity=Severity.INFO,
    explanation=(
        "A loop has no end, or there is more to follow than the limit on steps allows. What came out before that is "
        "reported."
    ),
    false_positives="Honest macros that wait for something.",
    incomplete=True,
)
COVERS_TRACKS = Rule(
    id="xlm.covers-tracks",
    title="Macro sheet hides sheets or deletes files",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1070",),
    explanation="WORKBOOK.HIDE or FILE.DELETE is called.",
    false_positives="Add-ins that hide their own sheets, exports that delete a temporary file.",
)
ENCRYPTED = Rule(
    id="xlm.encrypted-workbook",
    title="The workbook's records are encrypted",
    severity=Severity.INFO,
    explanation="Names, states and formulas of its sheets are not known; that there are macro sheets would show.",
    false_positives="Workbooks protected by a password, with Excel's own default password too.",
    incomplete=True,
)
UNREAD = Rule(
    id="xlm.unread-macrosheet",
    title="A macro sheet's formulas were not read",
    severity=Severity.INFO,
    explanation="The macro sheet is encrypted, damaged, over a limit, or of a form that is not read.",
    false_positives="Every honest macro sheet of that form.",
    incomplete=True,
)
DAMAGED = Rule(
    id="xlm.damaged-workbook",
    title="Part of the workbook could not be read",
    severity=Severity.INFO,
    explanation="The list of sheets, a defined name or a sheet contradicts the specification at that place.",
    false_positives="Truncated files and files of rare programs.",
    incomplete=True,
)
OLD_WORKBOOK = Rule(
    id="xlm.old-workbook",
    title="Workbook of a version that is not read",
    severity=Severity.INFO,
    explanation="The records say that they are of a version that no Excel is known to write, so nobody can tell what "
    "a macro sheet in them would do.",
    false_positives="Exports of programs that fill in the version as they please.",
    incomplete=True,
)
ODD_STRUCTURE = Rule(
    id="xlm.odd-structure",
    title="The workbook departs from its specification",
    severity=Severity.INFO,
    explanation="A sheet has no end, or zeros stand between its records; readers differ here. Nothing was lost.",
    false_positives="Files of rare programs.",
)
