"""Mail messages: structure that readers disagree about, content that is not in them, passwords in their text."""

from emotriage.model.finding import Rule, Severity, Trait

_EVADE = frozenset({Trait.EVADE})

AMBIGUOUS_STRUCTURE = Rule(
    id="mail.ambiguous-structure",
    title="Mail can be taken apart in several ways",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1027",),
    explanation="Two boundaries, types or transfer encodings, or a boundary that only some readers accept: filters and "
    "mail programs see different attachments. Every reading was looked at.",
    false_positives="Mails that broken gateways have rewritten.",
)
CONTENT_OUTSIDE = Rule(
    id="mail.content-outside-parts",
    title="Content stands where no part of the mail is",
    severity=Severity.LOW,
    traits=_EVADE,
    attack=("T1027",),
    explanation="Before the first boundary, or behind the closing one: some readers show it, others do not.",
    false_positives="Footers that mailing lists append.",
)
CONFLICTING_NAMES = Rule(
    id="mail.conflicting-names",
    title="Attachment has several names with different extensions",
    severity=Severity.MEDIUM,
    traits=_EVADE,
    attack=("T1036.008",),
    explanation="The fields of the part name it differently, so that a filter judges one name and the reader's program "
    "opens another.",
    false_positives="Mailers that cut long names in one of the fields.",
)
DOUBLED_FIELDS = Rule(
    id="mail.doubled-fields",
    title="Header has a field twice that may stand there once",
    severity=Severity.LOW,
    explanation="Two senders, subjects or dates that differ (RFC 5322 section 3.6): programs show one or the other.",
    false_positives="Mails that passed a broken gateway or list.",
)
ODD_ENCODING = Rule(
    id="mail.odd-encoding",
    title="Part is not encoded the way it says",
    severity=Severity.LOW,
    explanation="An unknown transfer encoding, base64 that is announced as plain text, or plain text announced as "
    "base64. Every reading was looked at.",
    false_positives="Home-made mailers.",
)
UUENCODED_FILE = Rule(
    id="mail.uuencoded-file",
    title="Text carries a uuencoded file",
    severity=Severity.LOW,
    attack=("T1027",),
    explanation="Attachments as they were before MIME: mail programs still unpack them, filters often do not.",
    false_positives="Old archives and automatic reports of old systems.",
)
DAMAGED = Rule(
    id="mail.damaged-structure",
    title="Mail's structure is damaged",
    severity=Severity.INFO,
    explanation="A closing boundary or the blank line behind a header is missing; what is there was read.",
    false_positives="Mails cut off on the way or when they were saved.",
)
REPEATED_PART = Rule(
    id="mail.repeated-part",
    title="The same attachment is in the mail several times",
    severity=Severity.INFO,
    explanation="Byte for byte the same; it was looked at once for each kind of name it has.",
    false_positives="Logos in long threads.",
)
PASSWORD_IN_TEXT = Rule(
    id="mail.password-with-archive",
    title="Mail gives the password for an archive that it carries",
    severity=Severity.INFO,
    attack=("T1027.013",),
    explanation="The password is tried on what is attached. Malware comes that way because filters do not read texts; "
    "in Japan it is an old custom of honest senders as well. The password itself is never shown.",
    false_positives="Every honest mail of that kind.",
)
NOT_READ_WHOLE = Rule(
    id="mail.not-read-whole",
    title="Mail was not read completely",
    severity=Severity.INFO,
    explanation="It has more parts, fields or levels than are read, or an encoding that is not undone.",
    false_positives="Digests and storms of bounces.",
    incomplete=True,
)
CONTENT_ELSEWHERE = Rule(
    id="mail.content-elsewhere",
    title="Part of the mail is somewhere else",
    severity=Severity.INFO,
    explanation="A fragment of a larger message (message/partial), or a reference to content that the reader fetches "
    "(message/external-body).",
    false_positives="Announcements of standards bodies.",
    incomplete=True,
)
SEALED = Rule(
    id="mail.sealed-content",
    title="Mail is encrypted for its recipient",
    severity=Severity.INFO,
    explanation="S/MIME, PGP or rights management: only the recipient's key opens it.",
    false_positives="Confidential business mail.",
    incomplete=True,
)
