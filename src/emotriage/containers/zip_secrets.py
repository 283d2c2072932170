"""Encrypted members of a ZIP archive: opened with the candidates at hand, and a gap for those that stay shut."""

from collections.abc import Iterator, Sequence

from emotriage.catalogue import zip as rules
from emotriage.formats.file_name import read_file_name
from emotriage.formats.zip import Archive, Content, Key, Keyring, Member
from emotriage.formats.zip.key import opens_with_password, scheme_of
from emotriage.model.analyzer import Child, Found, Stream, Subject
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Finding
from emotriage.model.limits import MIB, RECORD
from emotriage.model.passwords import Opened, Passwords
from emotriage.model.shelf import Shelf
from emotriage.model.spool import Spooled

KEPT = 16 * MIB
"""Content of one archive that is kept in memory until the turn of the child it belongs to."""

_EVIDENCE = 64
_SOURCES = {
    "caller": "password of the caller",
    "mail-text": "password in the text of the mail",
    "macro": "password in the code of a macro",
    "file-name": "password in a file name",
    "well-known": "password that everybody knows",
}


def judge_secrets(files: Sequence[Member]) -> Iterator[Finding]:
    """What can be said of encrypted members without opening them."""
    secret = [one for one in files if one.encrypted]
    if programs := [one for one in secret if read_file_name(one.name).active not in ("", "macro")]:
        yield rules.ENCRYPTED_PROGRAM(*(_named(one) for one in programs[:_EVIDENCE]))
    if secret and len(secret) < len(files):
        yield rules.MIXED_ENCRYPTION(Evidence(f"{len(secret)} of {len(files)} members"))


def open_secrets(
    subject: Subject, archive: Archive, secret: Sequence[Member], noted: list[Anomaly], readings: list[Member]
) -> Iterator[Found]:
    """The members that a candidate opens as children, and findings that say which were opened, and which were not.

    Args:
        subject: the archive, with its candidates.
        archive: the same, surveyed.
        secret: encrypted members.
        noted: takes what of the content differs from the headers.
        readings: takes members that are called encrypted and are not.
    """
    if not secret:
        return
    budget = subject.budget
    ring = Keyring(subject.passwords.attempts(subject.name, subject.limits.passwords), budget)
    opened: list[Evidence] = []
    shut: list[Evidence] = []
    room = KEPT
    shelf = Shelf(subject.limits.spooled_bytes)
    for member in secret:
        budget.spend(RECORD)
        found = archive.open(member, ring, budget, room, shelf)
        if found is None:
            if (reading := archive.other_reading(member, budget)) is not None:
                readings.append(reading)
                if opens_with_password(member):
                    continue
            where = f"{scheme_of(member)}{', not all candidates tried' if ring.exhausted else ''}"
            shut.append(_named(member, where))
            continue
        key, content = found
        noted += content.anomalies
        room -= content.size if content.kept else 0
        if not opened:
            yield Opened.by(key.password)
        opened.append(_named(member, f"{scheme_of(member)}, {_SOURCES[key.password.source]}"))
        yield Child(member.name, _content(archive, member, key, content), Passwords((key.password,)))
    if opened:
        yield rules.OPENED(*opened[:_EVIDENCE])
    if shut:
        yield rules.ENCRYPTED_MEMBER(*shut[:_EVIDENCE])


def _content(archive: Archive, member: Member, key: Key, content: Content) -> Spooled | Stream:
    if content.spooled is not None:
        return content.spooled
    if content.kept:
        return content.stream
    return lambda budget: archive.stream(member, budget, key=key)


def _named(member: Member, where: str = "") -> Evidence:
    return Evidence(member.name, where=where, offset=member.offset)
