"""HTML pages and HTML bodies of mails."""

from emotriage.model.finding import Rule, Severity, Trait

ACTIVE_CONTENT = Rule(
    id="html.active-content",
    title="Page has active content that was not followed",
    severity=Severity.INFO,
    explanation="Frames, embedded objects, behaviours, addresses that run something, or scripts that were not "
    "evaluated to their end: what they do was not looked at.",
    false_positives="Most saved web pages and many newsletters.",
    incomplete=True,
)
NOT_READ_WHOLE = Rule(
    id="html.not-read-whole",
    title="Page was not read to its end",
    severity=Severity.INFO,
    explanation="It is larger than what is read of a page.",
    false_positives="Exported chats and reports.",
    incomplete=True,
)
SMUGGLES_FILE = Rule(
    id="html.smuggles-file",
    title="Page puts a file together and hands it to the reader",
    severity=Severity.HIGH,
    traits=frozenset({Trait.WRITE, Trait.OBFUSCATE}),
    attack=("T1027.006",),
    explanation="A program, archive, disk image, document or shortcut is built from text in the page, or written out "
    "as an address, and saved as if it had been downloaded: no gateway saw it arrive.",
    false_positives="Offline tools that export archives or documents.",
)
MAKES_FILE = Rule(
    id="html.makes-file",
    title="Page makes a file of plain data",
    severity=Severity.INFO,
    explanation="Text, a table or a picture is put together in the page and handed to the reader.",
    false_positives="Pages with a button to export what they show.",
)
FILE_NOT_READ = Rule(
    id="html.file-not-read",
    title="Page makes a file that could not be worked out",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027.006",),
    explanation="Its scripts hand a file to the reader, and what is in it depends on something that can't be known or "
    "was not followed.",
    false_positives="Web applications with an export.",
    incomplete=True,
)
PASSWORD_FORM = Rule(
    id="html.password-form",
    title="Page asks for a password and sends it elsewhere",
    severity=Severity.HIGH,
    traits=frozenset({Trait.LURE}),
    attack=("T1056.003",),
    explanation="A form with a password goes to an address of the web, or scripts send requests to one. A file that "
    "was mailed has no site of its own to log in to.",
    false_positives="Saved pages with a box to log in.",
)
HIDDEN_FORM = Rule(
    id="html.hidden-form",
    title="Form that asks for a password is hidden in a script",
    severity=Severity.HIGH,
    traits=frozenset({Trait.LURE, Trait.OBFUSCATE}),
    attack=(
        "T1056.003",
        "T1027",
    ),
    explanation="The password field stands nowhere in the page as it is, and is written by a script that decodes it.",
    false_positives="None known.",
)
KNOWS_READER = Rule(
    id="html.knows-reader",
    title="Page that asks for a password knows the reader's address",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1566.002",),
    explanation="A mail address is filled in already beside the password.",
    false_positives="None known in mailed files.",
)
REDIRECTS = Rule(
    id="html.redirects",
    title="Page leads elsewhere by itself",
    severity=Severity.MEDIUM,
    attack=("T1204.001",),
    explanation="A refresh opens another address within ten seconds, or a refresh or script does on a page that shows "
    "little else.",
    false_positives="Pages of programs that forward to their manual.",
)
HIDDEN_ADDRESS = Rule(
    id="html.hidden-address",
    title="Page goes to an address that it hides",
    severity=Severity.HIGH,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="The server that the page opens, or sends what was typed in to, stands nowhere in it: scripts put its "
    "name together.",
    false_positives="Links of newsletters that protect addresses from harvesters.",
)
OTHER_HOST = Rule(
    id="html.link-shows-other-host",
    title="Link says another host than it leads to",
    severity=Severity.LOW,
    traits=frozenset({Trait.LURE}),
    attack=("T1566.002",),
    explanation="What the reader sees is the address of one host, and a click leads to another.",
    false_positives="Newsletters that count clicks.",
)
PROTOCOL_LINK = Rule(
    id="html.protocol-link",
    title="Link hands its address to a program",
    severity=Severity.HIGH,
    traits=frozenset({Trait.EXECUTE}),
    attack=("T1218",),
    explanation="ms-appinstaller:, search-ms:, ms-msdt: and their like open a program of the system with what the "
    "link says: installers, searches on foreign shares, known holes.",
    false_positives="None known in mail.",
)
OFFICE_LINK = Rule(
    id="html.office-link",
    title="Link opens a document in Office by itself",
    severity=Severity.LOW,
    explanation="ms-word:, ms-excel: and their like open a document from a server for editing.",
    false_positives="Mails of document servers.",
)
FILE_LINK = Rule(
    id="html.file-link",
    title="Link leads straight to an archive, disk image or program",
    severity=Severity.LOW,
    traits=frozenset({Trait.LURE}),
    attack=("T1566.002",),
    explanation="A click brings a file that the gateway does not see.",
    false_positives="Mails of software makers and of file exchanges.",
)
CREDENTIALS = Rule(
    id="html.credentials-in-address",
    title="Address holds a user name that looks like a host",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.LURE}),
    attack=("T1566.002",),
    explanation="What stands before the @ is no host, and is meant to be read as one.",
    false_positives="None known.",
)
ODD_NUMBER = Rule(
    id="html.odd-host-number",
    title="Host is a number in disguise",
    severity=Severity.MEDIUM,
    traits=frozenset({Trait.OBFUSCATE}),
    attack=("T1027",),
    explanation="Hexadecimal, octal or one number for all: nobody but a browser reads that as an address.",
    false_positives="None known.",
)
EXTERNAL_SCRIPT = Rule(
    id="html.external-script",
    title="Page loads a script from elsewhere",
    severity=Severity.LOW,
    attack=("T1059.007",),
    explanation="What that script does is not known, and may change after the mail has been delivered.",
    false_positives="Most saved web pages.",
    incomplete=True,
)
