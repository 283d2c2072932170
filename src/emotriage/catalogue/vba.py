"""What findings about VBA macros mean."""

from emotriage.model.finding import Rule, Severity, Trait


def _rule(
    name: str,
    title: str,
    severity: Severity,
    explanation: str,
    false_positives: str,
    *traits: Trait,
    attack: tuple[str, ...] = ("T1059.005",),
    incomplete: bool = False,
) -> Rule:
    return Rule(
        id=f"vba.{name}",
        title=title,
        severity=severity,
        explanation=explanation,
        false_positives=false_positives,
        traits=frozenset(traits),
        attack=attack,
        incomplete=incomplete,
    )


AUTORUN = _rule(
    "autorun",
    "Macro runs when the document is opened or closed",
    Severity.LOW,
    "A procedure is declared under a name that the host calls by itself: AutoOpen, Document_Open, Workbook_Open ...",
    "Most add-ins and many business workbooks set themselves up this way.",
    Trait.AUTORUN,
    attack=("T1204.002", "T1137"),
)
CONTROL_AUTORUN = _rule(
    "control-autorun",
    "Macro runs through an event of a control, without a click",
    Severity.MEDIUM,
    "A control placed on the page raises Layout, Painted, MouseMove or the like as soon as the page is shown. "
    "Malware starts there because scanners look for the usual names.",
    "Dashboards that react to the mouse.",
    Trait.AUTORUN,
    attack=("T1204.002",),
)
BUTTON_RUNS = _rule(
    "button-runs",
    "A button or control on the page starts something",
    Severity.LOW,
    "Nothing leads there by itself, but a click on a control of the page or of the ribbon reaches code that starts "
    "programs or fetches something.",
    "Workbooks with a toolbar of their own.",
    attack=("T1204.002",),
)
EXECUTE = _rule(
    "execute",
    "Macro starts a program or script",
    Severity.MEDIUM,
    "Shell, WScript.Shell, Shell.Application, a WMI process, a declared ShellExecute, a script host over DDE, a style "
    "sheet with script and the like. Where no automatic procedure leads there, the finding is a guess.",
    "Add-ins that open folders, call a compiler or a PDF printer.",
    Trait.EXECUTE,
)
WMI_PROCESS = _rule(
    "wmi-process",
    "Macro starts a process through WMI",
    Severity.HIGH,
    "Win32_Process.Create starts a program that is no child of Office; Win32_ProcessStartup with ShowWindow hides it.",
    "Administration scripts pasted into a document.",
    Trait.EXECUTE,
    Trait.EVADE,
    attack=("T1047",),
)
MEMORY_CODE = _rule(
    "memory-code",
    "Macro runs machine code from memory",
    Severity.HIGH,
    "Functions that allocate executable memory or write to a process are declared, and one that calls into it.",
    "A few libraries build callbacks this way.",
    Trait.EXECUTE,
    Trait.EVADE,
    attack=("T1055", "T1106"),
)
RUNS_MEMORY = _rule(
    "runs-memory",
    "Macro puts bytes into memory and runs them",
    Severity.HIGH,
    "Evaluated from where the document starts it, the code asks for memory, copies bytes into it, and then starts a "
    "thread there or has Windows call it.",
    "None known.",
    Trait.EXECUTE,
    Trait.EVADE,
    attack=("T1055", "T1106"),
)
ACTIVATES_OBJECT = _rule(
    "activates-object",
    "Macro opens an object embedded in the document",
    Severity.MEDIUM,
    "DoVerb does what a double click does: the file in the object is written to disk and opened. What it is, the "
    "findings on the object say.",
    "Presentations and reports that update their charts.",
    Trait.EXECUTE,
    Trait.WRITE,
    attack=("T1204.002",),
)
DROPS_PROGRAM = _rule(
    "drops-program",
    "Macro writes a file that runs",
    Severity.MEDIUM,
    "The procedure that writes or fetches a file names one with the suffix of a program or script.",
    "Installers of add-ins.",
    Trait.WRITE,
    attack=("T1105", "T1204.002"),
)
EXCEL4_CALL = _rule(
    "excel4-call",
    "Macro runs Excel 4.0 code that starts a program or calls a library",
    Severity.HIGH,
    "ExecuteExcel4Macro with EXEC, CALL or REGISTER, or with whatever stands in a cell, goes round everything that "
    "watches VBA.",
    "None known; honest callers ask for GET.DOCUMENT and the like.",
    Trait.EXECUTE,
    Trait.EVADE,
)
DOWNLOAD = _rule(
    "download",
    "Macro fetches something from the network",
    Severity.MEDIUM,
    "URLDownloadToFile, XMLHTTP, WinHttp, Internet Explorer, WinINet, a template or program on a server. Where no "
    "automatic procedure leads there, the finding is a guess.",
    "Workbooks that fetch rates or call a web service.",
    Trait.DOWNLOAD,
    attack=("T1105",),
)
WRITE = _rule(
    "write",
    "Macro writes files",
    Severity.LOW,
    "Open For Output or Binary, CreateTextFile, ADODB.Stream.SaveToFile, FileCopy, a ZIP unpacked with CopyHere.",
    "Every export function.",
    Trait.WRITE,
    attack=("T1105",),
)
COMMAND = _rule(
    "command",
    "A string of the macro is a command for a script host or system tool",
    Severity.HIGH,
    "PowerShell with hidden window or encoded command, mshta, regsvr32, certutil, bitsadmin and the like, spelled out "
    "in the code.",
    "Installers and administration workbooks.",
    Trait.EXECUTE,
    attack=("T1059", "T1218"),
)
PERSISTENCE = _rule(
    "persistence",
    "Macro arranges that something starts again",
    Severity.HIGH,
    "Run keys, scheduled tasks, the start-up folder.",
    "Add-ins that install themselves.",
    Trait.PERSIST,
    attack=("T1547.001", "T1053.005", "T1137"),
)
MACRO_SECURITY = _rule(
    "macro-security",
    "Macro lowers the macro security of Office",
    Severity.HIGH,
    "The registry values VBAWarnings or AccessVBOM, or AutomationSecurity set to low.",
    "Installers of add-ins.",
    Trait.EVADE,
    attack=("T1112", "T1562.001"),
)
CODE_REPLICATION = _rule(
    "code-replication",
    "Macro writes macro code into other documents",
    Severity.HIGH,
    "Code is inserted into, or modules are copied to, other VBA projects or the global template.",
    "Developer tools, version control of macros.",
    Trait.PERSIST,
    attack=("T1137.001", "T1080"),
)
ENVIRONMENT_CHECK = _rule(
    "environment-check",
    "Macro looks where it runs before it acts",
    Severity.LOW,
    "Names of virtual machines and analysis tools, the number of recent files, the country setting compared.",
    "Inventory scripts, localisation.",
    Trait.EVADE,
    attack=("T1497", "T1614"),
)
CONCEALED_OBJECT = _rule(
    "concealed-object",
    "The name of an object that the macro creates is put together at run time",
    Severity.MEDIUM,
    "CreateObject, GetObject or CallByName get a name that stands nowhere: it is decoded, or read from the document. "
    "There is one reason to hide whether it is Excel.Application or WScript.Shell.",
    "Plug-in loaders that read a class name from a cell.",
    Trait.EXECUTE,
    Trait.OBFUSCATE,
    attack=("T1027", "T1059.005"),
)
CONCEALED_ARGUMENT = _rule(
    "concealed-argument",
    "What the macro starts is decoded at run time",
    Severity.MEDIUM,
    "Following the argument back by name leads to code that takes strings apart, reverses, replaces or decodes them.",
    "Elaborate quoting of a command line.",
    Trait.OBFUSCATE,
    attack=("T1027", "T1140"),
)
TEXT_OUTSIDE_CODE = _rule(
    "text-outside-code",
    "What the macro starts is read from controls or properties of the document",
    Severity.MEDIUM,
    "Captions, tags and texts of controls, document variables and properties flow into a call that starts something: "
    "the payload is kept where scanners of code do not look.",
    "Forms in which the user types a command.",
    Trait.OBFUSCATE,
    attack=("T1027",),
)
SPLIT_NAME = _rule(
    "split-name",
    "A dangerous name is written in pieces",
    Severity.HIGH,
    "Constants joined in the code make the name of a script host, class or tool that stands nowhere in one piece.",
    "None known.",
    Trait.OBFUSCATE,
    attack=("T1027",),
)
STRING_PIECES = _rule(
    "string-pieces",
    "Strings are built from many small pieces",
    Severity.MEDIUM,
    "Many short literals are joined, or characters made with Chr of arithmetic.",
    "Generated code; long SQL or HTML that is built letter by letter.",
    Trait.OBFUSCATE,
    attack=("T1027",),
)
ENCODED_TEXT = _rule(
    "encoded-text",
    "Long encoded text in the code",
    Severity.MEDIUM,
    "Literals of hundreds of characters in base64, hexadecimal or decimal codes, or long arrays of numbers.",
    "Pictures and tables kept in the code.",
    Trait.OBFUSCATE,
    attack=("T1027", "T1140"),
)
JUNK_CODE = _rule(
    "junk-code",
    "Most names in the code mean nothing",
    Severity.MEDIUM,
    "A large part of the names is read without ever being given a value, or given a value that nobody reads, or "
    "functions are called on numbers for no purpose: filler of an obfuscator.",
    "Macros without declarations that rely on a missing library.",
    Trait.OBFUSCATE,
    attack=("T1027.001",),
)
RANDOM_NAMES = _rule(
    "random-names",
    "Names in the code are random",
    Severity.MEDIUM,
    "Procedures and variables are named by a generator, not by a person.",
    "Minified or machine-written code; names in a language that the measure does not know.",
    Trait.OBFUSCATE,
    attack=("T1027",),
)
UNPRINTABLE_CODE = _rule(
    "unprintable-code",
    "Control or direction characters in the code",
    Severity.MEDIUM,
    "Characters that hide or reorder what a reader sees.",
    "Text pasted from right-to-left languages.",
    Trait.EVADE,
    attack=("T1027",),
)
NAMES_DISAGREE = _rule(
    "names-disagree",
    "A module has two different names",
    Severity.MEDIUM,
    "The ANSI and the Unicode name of a module or its stream disagree. Office writes both from one name; tools that "
    "rewrite macros often change one only.",
    "None known where both are plain ASCII.",
    Trait.EVADE,
    attack=("T1027", "T1036"),
)
HIDDEN_MODULE = _rule(
    "hidden-module",
    "A module is missing from the lists of the project",
    Severity.MEDIUM,
    "Source lies in a stream that the dir stream does not name, or the PROJECT stream leaves a module out, so that the "
    "editor does not show it.",
    "Files repaired or written by other programs.",
    Trait.EVADE,
    attack=("T1564.007",),
)
UNVIEWABLE = _rule(
    "unviewable",
    "The macro editor can't show the project",
    Severity.MEDIUM,
    "The protection fields of the project are no hexadecimal digits: the macros run, but the editor refuses to show "
    "them.",
    "None known.",
    Trait.EVADE,
    attack=("T1564.007",),
)
SOURCE_MISSING = _rule(
    "source-missing",
    "A module has compiled code but no source",
    Severity.HIGH,
    "The source was removed or blanked, so that scanners of source see nothing, while Office may still run the "
    "compiled code. What could be read of that was looked at.",
    "Files written by tools that leave source out.",
    Trait.EVADE,
    attack=("T1564.007",),
    incomplete=True,
)
EXPANSION_LIMIT = _rule(
    "expansion-limit",
    "Macro source unpacks to more than any macro needs",
    Severity.HIGH,
    "Unpacking stopped at the limit; the beginning and the end of what came out were looked at. Only a decompression "
    "bomb is that large.",
    "None known.",
    Trait.EVADE,
    attack=("T1499.004",),
    incomplete=True,
)
DAMAGED = _rule(
    "damaged",
    "Macro project is damaged",
    Severity.LOW,
    "A stream of the project contradicts its specification, and part of it could not be read; what could be was "
    "looked at.",
    "Truncated or repaired files, very old versions of Office.",
    incomplete=True,
)
OLD_PROJECT = _rule(
    "old-project",
    "Macro project of Excel 5 or 95",
    Severity.INFO,
    "The form of macros before Office 97, which is recognised but not read.",
    "Workbooks of the nineties.",
    incomplete=True,
)
UNKNOWN_CODE_PAGE = _rule(
    "unknown-code-page",
    "Macro project in an unknown code page",
    Severity.INFO,
    "Names and strings were read as Latin-1 and may be wrong.",
    "Rare national versions.",
    incomplete=True,
)
REMOTE_REFERENCE = _rule(
    "remote-reference",
    "Macro project refers to a project on another machine",
    Severity.MEDIUM,
    "A reference to a project by URL or network path is loaded when the macro runs, with code that was not looked at.",
    "Add-ins on a company share.",
    Trait.DOWNLOAD,
    attack=("T1221",),
)
WOULD_START = _rule(
    "would-start",
    "Macro would start this by itself",
    Severity.INFO,
    "Evaluated from where the document starts it, with the texts of its forms, the code comes to this command.",
    "Honest tools that start other programs show their command here as well.",
    Trait.EXECUTE,
    attack=("T1059.005", "T1204.002"),
)
WOULD_FETCH = _rule(
    "would-fetch",
    "Macro would fetch this by itself",
    Severity.INFO,
    "Evaluated from where the document starts it, the code, or the command it starts, comes to these addresses.",
    "Workbooks that load data from a service of their owner.",
    Trait.DOWNLOAD,
    attack=("T1105",),
)
UNFINISHED = _rule(
    "unfinished",
    "Macro was not evaluated to its end",
    Severity.INFO,
    "A loop does not end, or the code takes more steps than it is given. What it came to until then is reported.",
    "Long calculations, and loops that wait for the user.",
    incomplete=True,
)
UNREAD_CONTENT = _rule(
    "unread-content",
    "What the macro reads from its document could not be read",
    Severity.INFO,
    "The macro asks for document variables, properties, text, shapes or cells, and the part that holds them is "
    "damaged.",
    "Damaged files.",
    incomplete=True,
)
