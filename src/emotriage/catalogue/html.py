"""HTML pages and HTML bodies of mails."""

from emotriage.model.finding import Rule, Severity

ACTIVE_CONTENT = Rule(
    id="html.active-content",
    title="Page has active content that was not followed",
    severity=Severity.INFO,
    explanation="Scripts, forms, frames, embedded objects, event handlers, addresses that run something, or links "
    "straight to programs and archives: what they do was not looked at.",
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
EMBEDDED_FILE = Rule(
    id="html.embedded-file",
    title="Another file lies inside of a page",
    severity=Severity.MEDIUM,
    attack=("T1027.009",),
    explanation="The bytes of a program, document or archive stand among the text; it is looked at by itself.",
    false_positives="Pages that quote a file's bytes.",
)
