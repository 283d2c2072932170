"""Mail messages: every body and attachment a child, with the passwords that the texts give away."""

import hashlib
import re
from collections.abc import Iterator

from emotriage.catalogue import mail as rules
from emotriage.containers.mail_content import Content, child_name, contents, encodings_of, is_blank
from emotriage.containers.mail_passwords import candidates
from emotriage.emulation.password_text import SURE
from emotriage.formats.file_name import read_file_name
from emotriage.formats.mime import Message, Part, read_mail
from emotriage.formats.mime.transfer import looks_base64
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import RECORD, Budget
from emotriage.model.passwords import Passwords

_EVIDENCE = 16
_MESSAGES = 1000
_BULKY = 4096
_ONCE = ("from", "sender", "reply-to", "to", "subject", "date", "message-id", "mime-version")
_ARCHIVES = frozenset({"zip", "7z", "rar", "lzh", "cab", "tar", "gz", "tgz", "zipx", "alz", "egg", "exe"})
_NOTICE = re.compile(rb"(?i)[\t\r\n -~]{0,300}(?:mime|multi-?part)[\t\r\n -~]{0,300}")
_NEXT = re.compile(rb"\r?\n\r?\n(From [^\r\n]{1,256}[ \t]\d{4}[^\r\n]{0,32}\r?\n)(?=[!-9;-~]{1,64}:[ \t])")

_RULES: dict[str, Rule] = {
    "several-boundaries": rules.AMBIGUOUS_STRUCTURE,
    "several-types": rules.AMBIGUOUS_STRUCTURE,
    "several-encodings": rules.AMBIGUOUS_STRUCTURE,
    "several-readings": rules.AMBIGUOUS_STRUCTURE,
    "unnamed-boundary": rules.AMBIGUOUS_STRUCTURE,
    "longer-delimiter": rules.AMBIGUOUS_STRUCTURE,
    "part-outside": rules.CONTENT_OUTSIDE,
    "early-close": rules.CONTENT_OUTSIDE,
    "text-in-header": rules.CONTENT_OUTSIDE,
    "bulky": rules.CONTENT_OUTSIDE,
    "extensions": rules.CONFLICTING_NAMES,
    "doubled": rules.DOUBLED_FIELDS,
    "uuencoded file in text": rules.UUENCODED_FILE,
    "text announced as base64": rules.ODD_ENCODING,
    "unknown transfer encoding": rules.ODD_ENCODING,
    "base64 that is not announced": rules.ODD_ENCODING,
    "no-close": rules.DAMAGED,
    "no-parts": rules.DAMAGED,
    "no-blank-line": rules.DAMAGED,
    "repeated": rules.REPEATED_PART,
    "encrypted": rules.SEALED,
    "sealed": rules.SEALED,
    "elsewhere": rules.CONTENT_ELSEWHERE,
}
_ELSEWHERE = ("message/partial", "message/external-body")
_SEALED = re.compile(r"application/(?:(?:x-)?pkcs7-mime|x-microsoft-rpmsg-message)")


@analyzer("mail", kinds={"mail", "mht"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the parts and say what is odd about the mail."""
    blob, budget = subject.blob, subject.budget
    message = subject.view(read_mail)
    others = list(_other_messages(subject))
    named = [(part, *part.names()) for part in message.parts]
    odd = [*message.anomalies, *_doubled(message)]
    all_names = [name for _, names, _ in named for name in names]
    found, unread = candidates(message, all_names, budget)
    odd += unread
    passwords = Passwords.of((one.value for one in found), "mail-text")
    archives = [name for name in all_names if read_file_name(name).extension in _ARCHIVES]
    if archives and (sure := sum(one.score >= SURE for one in found)):
        yield rules.PASSWORD_IN_TEXT(*(Evidence(one, where=f"{sure} candidates") for one in archives[:_EVIDENCE]))
    once = _Once(message, budget)
    for part, names, _ in named:
        if _is_nothing(message, part, budget) or (others and _is_other(message, part)):
            continue
        name = child_name(part, names)
        odd += _odd_part(message, part, names)
        if not once.is_new(part, name):
            continue
        for one in contents(message, part, name, budget):
            odd += _odd_content(one, part)
            yield Child(one.name, one.data, passwords)
    odd += [Anomaly("repeated", f"{name} ({count} times)") for name, count in once.repeated.items()]
    yield from _report(odd)
    for number, (start, stop) in enumerate(others):
        yield Child(f"message-{number + 2}", blob.slice(start, stop - start))


def _report(odd: list[Anomaly]) -> Iterator[Finding]:
    """One finding for each rule, with the first places."""
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in odd:
        rule = _RULES.get(one.code)
        if rule is None or (one.incomplete and not rule.incomplete):
            if not one.incomplete:
                continue
            rule = rules.NOT_READ_WHOLE
        seen.setdefault(rule.id, (rule, []))[1].append(Evidence(one.where or one.code, one.code, one.offset))
    for rule, evidence in seen.values():
        yield rule(*evidence[:_EVIDENCE])


def _doubled(message: Message) -> Iterator[Anomaly]:
    for name in _ONCE:
        if len(set(message.header.values(name))) > 1:
            yield Anomaly("doubled", name)


def _is_nothing(message: Message, part: Part, budget: Budget) -> bool:
    """True for stretches outside of parts that are blank, or the notice to readers without MIME."""
    if part.role == "part":
        return False
    if part.stop - part.start <= 300 and _NOTICE.fullmatch(message.blob.read(part.start, part.stop - part.start)):
        return True
    return is_blank(message.blob, part.start, part.stop, budget)


def _is_other(message: Message, part: Part) -> bool:
    """True for what follows a message in a mailbox; the messages there are children of their own."""
    return part.role == "epilogue" and message.blob.read(part.start, 256).lstrip(b"\r\n").startswith(b"From ")


def _odd_part(message: Message, part: Part, names: tuple[str, ...]) -> Iterator[Anomaly]:
    place = part.path or "body"
    if len({read_file_name(one).extension for one in names}) > 1:
        yield from (Anomaly("extensions", one, part.start) for one in names[:_EVIDENCE])
    if len(encodings_of(part)) > 1:
        yield Anomaly("several-encodings", place, part.start)
    if part.type in _ELSEWHERE:
        yield Anomaly("elsewhere", part.type, part.start, incomplete=True)
    elif _SEALED.match(part.type) and b"certs-only" not in b" ".join(part.header.values("content-type")).lower():
        yield Anomaly("sealed", part.type[:80], part.start, incomplete=True)
    size = part.stop - part.start
    if part.role in ("preamble", "epilogue") and (
        size >= _BULKY or looks_base64(message.blob.read(part.start, _BULKY))
    ):
        yield Anomaly("bulky", f"{part.role} of {size} bytes", part.start)


def _odd_content(one: Content, part: Part) -> Iterator[Anomaly]:
    if one.odd:
        yield Anomaly(one.odd, one.name[:200], part.start)
    if one.unread:
        yield Anomaly("unread", one.unread, part.start, incomplete=True)


def _other_messages(subject: Subject) -> Iterator[tuple[int, int]]:
    """(start, stop) of the second and later messages of a mailbox."""
    blob = subject.blob
    if not blob.read(0, 5).startswith(b"From "):
        return
    starts: list[int] = []
    for at, window in blob.windows(overlap=1024):
        subject.budget.spend(2 * len(window))
        for found in _NEXT.finditer(window):
            subject.budget.spend(RECORD)
            if not starts or at + found.start(1) > starts[-1]:
                starts.append(at + found.start(1))
    # What is beyond the limit stays in one piece, and is a mailbox again
    starts = starts[:_MESSAGES]
    yield from zip(starts, [*starts[1:], blob.size][: len(starts)], strict=True)


class _Once:
    """Which parts were there before, byte for byte: such a one is looked at again only when its name says more."""

    def __init__(self, message: Message, budget: Budget) -> None:
        self.repeated: dict[str, int] = {}
        self._message = message
        self._budget = budget
        self._seen: dict[bytes, tuple[str, set[tuple[str, str]]]] = {}

    def is_new(self, part: Part, name: str) -> bool:
        digest = hashlib.sha256(" ".join((*encodings_of(part), part.charset)).encode())
        for _, window in self._message.blob.windows(start=part.start, stop=part.stop, holes=True):
            self._budget.spend(len(window))
            digest.update(window)
        facts = read_file_name(name)
        first, known = self._seen.setdefault(digest.digest(), (name, set()))
        key = (facts.extension, facts.inner) if facts.active else ("", "")
        if key not in known:
            known.add(key)
            return True
        self.repeated[first] = self.repeated.get(first, 1) + 1
        return False
