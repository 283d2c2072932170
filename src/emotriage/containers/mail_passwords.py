"""The passwords that a mail's subject, texts and date offer for what is attached to it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

from emotriage.containers.mail_content import encodings_of, is_text, text_of
from emotriage.emulation.password_text import Candidate, harvest
from emotriage.formats.html_tags import text_of as page_text
from emotriage.formats.mime import Message, read_mail
from emotriage.formats.mime.text import decode_header
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

_TEXT = 256 << 10
_ALL = 1 << 20
_NESTED = 8
_DATE = re.compile(
    rb"(\d{1,2})[ \t-]{1,3}([A-Za-z]{3})[a-z]{0,6}[ \t-]{1,3}(\d{4})"
    rb"(?:[ \t]{1,3}(\d\d):(\d\d)(?::\d\d)?[ \t]{0,3}([+-]\d{4})?)?"
)
_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_MESSAGES = ("message/rfc822", "message/global", "message/news")
_JAPAN = timezone(timedelta(hours=9))
_PAGE = re.compile(r"(?i)<(?:html|body|div|table|p|br|span|font)[\s>/]")


def candidates(message: Message, names: list[str], budget: Budget) -> tuple[tuple[Candidate, ...], list[Anomaly]]:
    """(the candidates of a mail, best first, at most 64; what was not searched).

    Args:
        message: whose texts are read, and those of the mails that are attached to it.
        names: of its attachments.
        budget: charged for what is decoded and searched.
    """
    texts: list[str] = []
    days: dict[date, None] = {}
    left = _ALL
    unread: list[Anomaly] = []
    waiting = [message]
    nested = 0
    while waiting and left > 0:
        mail = waiting.pop(0)
        days.update(dict.fromkeys(sent_on(mail)))
        texts.extend(decode_header(one) for one in mail.header.values("subject"))
        for part in mail.parts:
            if left > 0 and is_text(part):
                text = text_of(mail, part, min(_TEXT, left), budget)
                left -= len(text)
                texts.append(page_text(text, budget) if _PAGE.search(text[:8192]) else text)
            elif part.type in _MESSAGES and nested < _NESTED and encodings_of(part) == ("identity",):
                nested += 1
                try:
                    waiting.append(read_mail(mail.blob.slice(part.start, part.stop - part.start), budget))
                except FormatError:
                    unread.append(Anomaly("nested", f"text of part {part.path}", part.start, incomplete=True))
    return harvest(texts, budget, list(days), names), unread


def sent_on(message: Message) -> Iterator[date]:
    """The days on which a mail was written: by its own clock, in Japan, and by universal time."""
    for value in message.header.values("date")[:4]:
        found = _DATE.search(value[:256])
        if found is None or found[2].lower() not in _MONTHS:
            continue
        try:
            day = date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
            yield day
            if found[6]:
                minutes = int(found[6][1:3]) * 60 + int(found[6][3:5])
                zone = timezone(timedelta(minutes=-minutes if found[6][:1] == b"-" else minutes))
                moment = datetime(day.year, day.month, day.day, int(found[4]), int(found[5]), tzinfo=zone)
                yield moment.astimezone(_JAPAN).date()
                yield moment.astimezone(UTC).date()
        except (ValueError, OverflowError):
            continue
