"""Outlook messages: bodies and attachments become children, with the passwords that the texts give away."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from emotriage.catalogue import carve
from emotriage.catalogue import mail as rules
from emotriage.emulation.password_text import SURE, harvest
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.formats.file_name import read_file_name
from emotriage.formats.html_tags import text_of
from emotriage.formats.outlook import OutlookMessage, is_message_property, read_messages
from emotriage.formats.rtf_compressed import decompress_rtf
from emotriage.formats.text import decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.passwords import Passwords

_EVIDENCE = 16
_PAGE = 256 << 10
_SHORTEST = 64
_KNOWN = frozenset({"1009", "1013", "3701"})
_ARCHIVES = frozenset({"zip", "7z", "rar", "lzh", "cab", "tar", "gz", "tgz", "zipx", "alz", "egg", "exe"})
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_JAPAN = timezone(timedelta(hours=9))


@analyzer("outlook", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out what a message holds; nothing for other compound files."""
    compound = subject.view(read_compound_file)
    if compound.find("__properties_version1.0") is None:
        return
    messages = list(read_messages(compound, subject.budget))
    for one in messages:
        yield from _message(subject, compound, one, messages)
    yield from _hidden(subject, compound)


def _message(
    subject: Subject, compound: CompoundFile, message: OutlookMessage, messages: list[OutlookMessage]
) -> Iterator[Found]:
    bodies = dict(message.bodies)
    pages = [decode_text(compound.open(one), subject.budget, _PAGE) for kind, one in message.bodies if kind == "html"]
    texts = [message.subject, *message.texts, *(text_of(one, subject.budget) for one in pages)]
    names = [one.name for each in messages for one in each.attachments if one.name]
    found = harvest(texts, subject.budget, list(_days(message.sent)), names)
    passwords = Passwords.of((one.value for one in found), "mail-text")
    archives = [one.name for one in message.attachments if read_file_name(one.name).extension in _ARCHIVES]
    if archives and (sure := sum(one.score >= SURE for one in found)):
        yield rules.PASSWORD_IN_TEXT(*(Evidence(one, where=f"{sure} candidates") for one in archives[:_EVIDENCE]))
    prefix = f"{message.where}/".lstrip("/")
    for number, text in enumerate(message.texts):
        yield Child(f"{prefix}body-{number}.txt", text.encode("utf-8", "surrogatepass"))
    if "html" in bodies:
        yield Child(f"{prefix}body.html", compound.open(bodies["html"]))
    if "rtf" in bodies:
        try:
            yield Child(f"{prefix}body.rtf", decompress_rtf(compound.open(bodies["rtf"]), subject.budget))
        except FormatError as error:
            yield rules.NOT_READ_WHOLE(Evidence(str(error), where=bodies["rtf"].path))
    for one in message.attachments:
        if one.data is not None and one.data.size:
            yield Child(one.name or one.where, compound.open(one.data), passwords)


def _days(sent: int) -> Iterator[date]:
    """The days on which it was sent, by universal time and in Japan."""
    if 0 < sent < 1 << 62:
        moment = _EPOCH + timedelta(microseconds=sent // 10) if sent < 3 * 10**18 else _EPOCH
        yield moment.date()
        yield moment.astimezone(_JAPAN).date()


def _hidden(subject: Subject, compound: CompoundFile) -> Iterator[Found]:
    """Files that begin in properties which nobody opens."""
    for entry in compound.entries:
        tag = entry.name[12:16].lower()
        if is_message_property(entry.name) != "0102" or tag in _KNOWN or entry.size < _SHORTEST:
            continue
        content = compound.open(entry)
        for one in find_active(content, subject.budget, start=0):
            rule = carve.PROGRAM if one.what == "program" else carve.FILE
            yield rule(Evidence(one.name, where=entry.path, offset=one.offset))
            yield Child(f"{entry.path}-{one.offset}{one.extension}", content.slice(one.offset))
