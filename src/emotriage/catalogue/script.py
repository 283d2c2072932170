"""Scripts: what they start and fetch, and how they hide that."""

from emotriage.model.finding import Rule, Severity, Trait

STARTS_PROGRAMS = Rule(
    id="script.starts-programs",
    title="Script starts programs",
    severity=Severity.LOW,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1059",),
    explanation="It creates WScript.Shell or Shell.Application objects, processes, or calls the system's script hosts.",
    false_positives="Most administration scripts.",
)
RUNS_TEXT = Rule(
    id="script.runs-text",
    title="Script runs text as code",
    severity=Severity.LOW,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1059",),
    explanation="eval, Function, Execute, Invoke-Expression or a calculated call run text that is made at run time.",
    false_positives="Web libraries, templates, and installers that load themselves.",
)
FETCHES = Rule(
    id="script.fetches",
    title="Script fetches something",
    severity=Severity.LOW,
    attack=("T1105",),
    explanation="It uses an HTTP object, a download command or a tool of the system that fetches files.",
    false_positives="Administration scripts and installers.",
)
WRITES_FILES = Rule(
    id="script.writes-files",
    title="Script writes files",
    severity=Severity.INFO,
    traits=frozenset({Trait.WRITE}),
    explanation="It writes binary or text files, such as those a dropper starts afterwards.",
    false_positives="Scripts that write reports.",
)
DOWNLOADS_AND_RUNS = Rule(
    id="script.downloads-and-runs",
    title="Script downloads a file and runs it",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD, Trait.EXECUTE}),
    attack=("T1105", "T1059"),
    explanation="It fetches a file, saves it and starts it, or runs what it fetched without saving it at all.",
    false_positives="Installers and update scripts; those are seldom sent by mail.",
)
RUNS_ANSWER = Rule(
    id="script.runs-answer",
    title="Script runs what a server answers",
    severity=Severity.HIGH,
    traits=frozenset({Trait.DOWNLOAD, Trait.EXECUTE}),
    attack=("T1105", "T1059.005"),
    explanation="The answer to a request is run as code, so that the script does whatever its server says.",
    false_positives="None known; installers in PowerShell that do so are told as downloading and running.",
)
DECODES_AND_RUNS = Rule(
    id="script.decodes-and-runs",
    title="Script decodes a file out of text and runs it",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE, Trait.EXECUTE}),
    attack=("T1140",),
    explanation="certutil -decode turns a part of the script, or a file beside it, into a program that is started.",
    false_positives="Self-extracting batch files of hobbyists.",
)
TOOL_ABUSE = Rule(
    id="script.tool-abuse",
    title="Script makes a tool of the system run or fetch something from elsewhere",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.EXECUTE, Trait.EVADE}),
    attack=("T1218",),
    explanation="mshta, regsvr32, rundll32, certutil and bitsadmin are used in ways that only get round controls.",
    false_positives="Few: old deployment scripts.",
)
HIDDEN_WORDS = Rule(
    id="script.hidden-words",
    title="Words that start, fetch or write are hidden",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="They stand nowhere in the script as it is, but come out when its strings are joined, decoded, "
    "turned round or rid of junk.",
    false_positives="Protected commercial scripts.",
)
FRAGMENTS = Rule(
    id="script.fragments",
    title="Text is broken into very many tiny pieces",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.010",),
    explanation="Hundreds of strings of one to three letters, or of tiny functions and variables that each stand for "
    "one letter, are put together at run time.",
    false_positives="Character tables of parsers and of fonts.",
)
ESCAPED = Rule(
    id="script.escaped-text",
    title="Plain letters are written as escapes or character codes",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.010",),
    explanation=r"Letters that need no escape are written as \x41, \u0041, Chr(65) or lists of numbers.",
    false_positives="Tables of encoders; minified libraries escape a few.",
)
CALCULATED_NAMES = Rule(
    id="script.calculated-names",
    title="Names of objects and methods are calculated",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="Objects of the script host are made and called by names that are put together first, so that the "
    "script never says what it calls.",
    false_positives="Scripts that take a class name as their argument.",
)
JUNK_NAMES = Rule(
    id="script.junk-names",
    title="Names are random letters",
    severity=Severity.LOW,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.010",),
    explanation="The names of variables and functions hold too few vowels for any language; generators make such.",
    false_positives="Scripts full of abbreviations.",
)
DEAD_CODE = Rule(
    id="script.conditional-compilation",
    title="Code stands in conditional compilation",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1027",),
    explanation="JScript runs what stands in /*@cc_on ... @*/; everything else that reads the file takes it for a "
    "comment.",
    false_positives="Web pages for Internet Explorer before version 11; batch files that hold JScript.",
)
VARIABLE_LETTERS = Rule(
    id="script.variable-letters",
    title="Commands are spelled from letters of variables",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE, Trait.EXECUTE}),
    attack=("T1027.010",),
    explanation="Dozens of %name:~3,1% or one-letter variables put the commands together, so that none can be read.",
    false_positives="Batch libraries that handle strings use a few.",
)
BROKEN_WORDS = Rule(
    id="script.broken-words",
    title="Words are broken up by characters that the shell drops",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.010",),
    explanation="Carets, backticks or undefined variables stand inside of words: p^ow^er, ru%1l32.",
    false_positives="None known beyond a handful in one file.",
)
ENCODED_COMMAND = Rule(
    id="script.encoded-command",
    title="PowerShell gets its command encoded",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE, Trait.EXECUTE}),
    attack=("T1027.010", "T1059.001"),
    explanation="The command after -EncodedCommand or inside of FromBase64String is not readable as it stands.",
    false_positives="Deployment tools pass commands that way.",
)
ENCODED_DATA = Rule(
    id="script.encoded-data",
    title="Script carries a large block that can't be read",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.009",),
    explanation="A block of encoded text that is neither text, a picture nor a font is decoded or run by the script.",
    false_positives="Installers that carry their own compressed data.",
)
ENCODED_SCRIPT = Rule(
    id="script.encoded-script",
    title="Script is encoded with the Script Encoder",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="JScript.Encode and VBScript.Encode hide the source; it was read back and judged.",
    false_positives="Very old vendors' scripts.",
)
DAMAGED_ENCODING = Rule(
    id="script.damaged-encoding",
    title="Encoded script could not be read back whole",
    severity=Severity.LOW,
    explanation="A block of the Script Encoder breaks off, or has another length or sum than it says; what was meant "
    "to stand there is not known.",
    false_positives="Scripts that were cut or changed on their way.",
    incomplete=True,
)
EMBEDDED_FILE = Rule(
    id="script.embedded-file",
    title="Script carries a file in its text",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.WRITE}),
    attack=("T1027.009",),
    explanation="A program, archive or document is written out as base64, hexadecimal digits or numbers.",
    false_positives="Self-extracting installers.",
)
HIDDEN_WINDOW = Rule(
    id="script.hidden-window",
    title="Script works behind a hidden window",
    severity=Severity.LOW,
    traits=frozenset({Trait.EVADE}),
    attack=("T1564.003",),
    explanation="The window of what it starts, or its own, is hidden, moved off the screen or closed at once.",
    false_positives="Scheduled tasks and logon scripts.",
)
TURNS_OFF_DEFENCES = Rule(
    id="script.turns-off-defences",
    title="Script turns off the system's defences",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EVADE}),
    attack=("T1562.001",),
    explanation="It switches off or patches AMSI, Defender, event logs or shadow copies.",
    false_positives="Tools of system administrators for test machines.",
)
WOULD_START = Rule(
    id="script.would-start",
    title="Script would start this",
    severity=Severity.LOW,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1059",),
    explanation="The script was evaluated, not run: these are the commands that it comes to.",
    false_positives="Most administration scripts.",
)
WOULD_FETCH = Rule(
    id="script.would-fetch",
    title="Script would fetch this",
    severity=Severity.LOW,
    attack=("T1105",),
    explanation="The script was evaluated, not run: these are the addresses that it comes to.",
    false_positives="Administration scripts and installers.",
)
HIDDEN_START = Rule(
    id="script.hidden-start",
    title="Script hides that it starts programs",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE, Trait.EXECUTE}),
    attack=("T1027", "T1059"),
    explanation="What it makes to start programs, or the program, is named nowhere in the script: only evaluating it "
    "brings the name to light.",
    false_positives="Protected commercial scripts.",
)
HIDDEN_FETCH = Rule(
    id="script.hidden-fetch",
    title="Script hides that it fetches something",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE, Trait.DOWNLOAD}),
    attack=("T1027", "T1105"),
    explanation="The server, or the object that fetches, is named nowhere in the script: only evaluating it brings the "
    "name to light.",
    false_positives="Protected commercial scripts.",
)
NOT_EVALUATED_WHOLE = Rule(
    id="script.not-evaluated-whole",
    title="Script was not evaluated to its end",
    severity=Severity.INFO,
    explanation="It takes more steps than are allowed, or is too long; what it does after that is not known.",
    false_positives="Bundles of large web applications, and scripts that calculate much.",
    incomplete=True,
)
NOT_READ_WHOLE = Rule(
    id="script.not-read-whole",
    title="Script is too long to be read whole",
    severity=Severity.INFO,
    explanation="Only its first megabytes were judged; what comes behind them is not known.",
    false_positives="Bundles of large web applications.",
    incomplete=True,
)
