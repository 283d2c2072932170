"""Apps that come as archives: Java and Android programs, Windows packages, and files that install those from afar."""

from emotriage.model.finding import Rule, Severity, Trait

JAVA = Rule(
    id="app.runs-with-java",
    title="Archive is a program that runs with Java",
    severity=Severity.MEDIUM,
    incomplete=True,
    attack=("T1204.002",),
    explanation="A double click starts the main class that its manifest names, or the archive holds compiled classes. "
    "Their code was not read.",
    false_positives="Tools and libraries in Java.",
)
ANDROID = Rule(
    id="app.android",
    title="Archive is an Android app",
    severity=Severity.MEDIUM,
    incomplete=True,
    attack=("T1204.002",),
    explanation="Opened on a phone, it offers to install itself. Its code was not read.",
    false_positives="Apps that developers send to each other.",
)
WINDOWS_PACKAGE = Rule(
    id="app.windows-package",
    title="Archive is a Windows package that installs an app",
    severity=Severity.MEDIUM,
    incomplete=True,
    attack=("T1204.002", "T1218"),
    explanation="A double click offers to install the app under the name and publisher that its manifest states. "
    "Neither its signature nor what it does was checked.",
    false_positives="Apps of one's own company; they seldom come by mail.",
)
FULL_TRUST = Rule(
    id="app.full-trust",
    title="Windows package asks to run outside of the sandbox",
    severity=Severity.LOW,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1204.002",),
    explanation="With runFullTrust or allowElevation, its programs run as any program of the user does.",
    false_positives="Desktop programs that were turned into packages.",
)
AUTOSTART = Rule(
    id="app.starts-with-windows",
    title="Windows package starts with Windows",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.PERSIST}),
    attack=("T1547",),
    explanation="A startup task, a service or a background task runs it again after each logon.",
    false_positives="Messengers, synchronisers and updaters.",
)
STARTS_SCRIPT = Rule(
    id="app.starts-script",
    title="Windows package starts a script before its program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.AUTORUN, Trait.EXECUTE}),
    attack=("T1059.001", "T1218"),
    explanation="The configuration of the Package Support Framework names a start script, which PowerShell runs when "
    "the app is opened.",
    false_positives="Old programs that need a repair before they run as a package.",
)
INSTALLS_FROM = Rule(
    id="app.installs-from",
    title="File installs an app from a server",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.DOWNLOAD}),
    incomplete=True,
    attack=("T1204.001", "T1105"),
    explanation="An .appinstaller file: a double click fetches the package from the address in it and offers to "
    "install it. What lies there was not fetched.",
    false_positives="Apps that their makers hand out outside of the store.",
)
NOT_READ = Rule(
    id="app.manifest-not-read",
    title="The manifest of an app was not read",
    severity=Severity.INFO,
    incomplete=True,
    explanation="The manifest is missing, damaged, encrypted, or more than a manifest is.",
    false_positives="Truncated downloads.",
)
