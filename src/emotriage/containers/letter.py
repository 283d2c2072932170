"""What Outlook keeps of a message, in whichever file: bodies and attachments, and the passwords that the texts give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from emotriage.catalogue import mail as rules
from emotriage.emulation.password_text import SURE, harvest
from emotriage.formats.file_name import read_file_name
from emotriage.formats.html_tags import text_of
from emotriage.formats.rtf.compressed import decompress_rtf
from emotriage.formats.text import decode_text
from emotriage.model.analyzer import Child, Found
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.passwords import Passwords

_EVIDENCE = 16
_PAGE = 256 << 10
_ARCHIVES = frozenset({"zip", "7z", "rar", "lzh", "cab", "tar", "gz", "tgz", "zipx", "alz", "egg", "exe"})
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LATEST = 3 * 10**18
_JAPAN = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True)
class Letter:
    """A message.

    Attributes:
        subject: of it.
        texts: plain bodies.
        bodies: (kind, bytes) in other forms: ``html``, ``rtf`` (compressed).
        attachments: (name, bytes).
        sent: when it was, in 100 ns since 1601, or 0.
    """

    subject: str
    texts: tuple[str, ...]
    bodies: tuple[tuple[str, Blob], ...]
    attachments: tuple[tuple[str, Blob], ...]
    sent: int = 0


def judge_letter(letter: Letter, prefix: str, names: Sequence[str], budget: Budget) -> Iterator[Found]:
    """Hand out what a message holds.

    Args:
        letter: the message.
        prefix: of its bodies' names.
        names: of all attachments around it, for passwords that name one.
        budget: charged for what is decoded and searched.
    """
    pages = [decode_text(content, budget, _PAGE) for kind, content in letter.bodies if kind == "html"]
    texts = [letter.subject, *letter.texts, *(text_of(one, budget) for one in pages)]
    found = harvest(texts, budget, list(_days(letter.sent)), list(names))
    passwords = Passwords.of((one.value for one in found), "mail-text")
    archives = [name for name, _ in letter.attachments if read_file_name(name).extension in _ARCHIVES]
    if archives and (sure := sum(one.score >= SURE for one in found)):
        yield rules.PASSWORD_IN_TEXT(*(Evidence(one, where=f"{sure} candidates") for one in archives[:_EVIDENCE]))
    for number, text in enumerate(letter.texts):
        yield Child(f"{prefix}body-{number}.txt", text.encode("utf-8", "surrogatepass"))
    for kind, content in letter.bodies:
        if kind == "html":
            yield Child(f"{prefix}body.html", content)
            continue
        try:
            yield Child(f"{prefix}body.rtf", decompress_rtf(content, budget))
        except FormatError as error:
            yield rules.NOT_READ_WHOLE(Evidence(str(error), where=f"{prefix}body.rtf"))
    for name, content in letter.attachments:
        if content.size:
            yield Child(name, content, passwords)


def _days(sent: int) -> Iterator[date]:
    """The days on which it was sent, by universal time and in Japan."""
    if 0 < sent < _LATEST:
        moment = _EPOCH + timedelta(microseconds=sent // 10)
        yield moment.date()
        yield moment.astimezone(_JAPAN).date()
