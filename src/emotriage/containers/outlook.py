"""Outlook messages: bodies and attachments become children, with the passwords that the texts give away."""

from collections.abc import Iterator

from emotriage.catalogue import carve
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.formats.outlook import OutlookMessage, is_message_property, read_messages
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence

_SHORTEST = 64
_KNOWN = frozenset({"1009", "1013", "3701"})


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
    from emotriage.containers.letter import Letter, judge_letter  # few compound files are messages

    bodies = [(kind, compound.open(one)) for kind, one in message.bodies]
    attachments = [(one.name or one.where, compound.open(one.data)) for one in message.attachments if one.data]
    names = [one.name for each in messages for one in each.attachments if one.name]
    letter = Letter(message.subject, message.texts, tuple(bodies), tuple(attachments), message.sent)
    yield from judge_letter(letter, f"{message.where}/".lstrip("/"), names, subject.budget)


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
