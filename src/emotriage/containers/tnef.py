"""TNEF (winmail.dat): bodies and attachments become children, with the passwords that the texts give away."""

from collections.abc import Iterator

from emotriage.catalogue import mail as rules
from emotriage.containers.letter import Letter, judge_letter
from emotriage.formats.tnef import read_tnef
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence


@analyzer("tnef", kinds={"tnef"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out what the message holds, and a gap for what can't be read."""
    message = subject.view(read_tnef)
    if message.anomalies:
        yield rules.NOT_READ_WHOLE(
            *(Evidence(one.where or one.code, one.code, one.offset) for one in message.anomalies)
        )
    held = [
        (one.name or f"attachment-{number}", one.content)
        for number, one in enumerate(message.attachments)
        if one.content is not None
    ]
    letter = Letter(message.subject, message.texts, message.bodies, tuple(held))
    yield from judge_letter(letter, "", [one.name for one in message.attachments if one.name], subject.budget)
