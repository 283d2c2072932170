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
