"""Passive data (pictures, fonts, sounds, signatures, calendars): is anything active inside?"""

import base64
import binascii
import re
from collections.abc import Iterator

from emotriage.catalogue import passive as rules
from emotriage.emulation.programs import addresses_in
from emotriage.formats.active_magic import find_active
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB, RECORD

KINDS = frozenset({"empty", "image", "metafile", "font", "media", "signature", "calendar", "printer-settings"})

_RULES = {"program": rules.EMBEDDED_PROGRAM, "script": rules.EMBEDDED_SCRIPT, "file": rules.EMBEDDED_FILE}
_CALENDAR_LIMIT = 32 * MIB
_SIGNED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SEALED = (b"\x03", b"\x04", b"\x06")
"""Last octet of envelopedData, signedAndEnvelopedData and encryptedData, RFC 2315 section 14."""
_CONTENT = re.compile(rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0", re.DOTALL)
"""contentType data with the content itself behind it ([0] EXPLICIT), RFC 5652 section 5.2."""
_FOLD = re.compile(r"\r?\n[ \t]")
_BINARY = re.compile(r"(?im)^(ATTACH|PHOTO|LOGO|SOUND|KEY)\b([^:\r\n]{0,512}):([^\r\n]*)")
_FILE_NAME = re.compile(r"(?i)(?:FILENAME|X-FILENAME|TITLE)=\"?([^\";:]{1,255})")
_URLS = 64


@analyzer("passive", kinds=KINDS)
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Search for what could be opened or run; carve it out to its host's end."""
    for hidden in find_active(subject.blob, subject.budget):
        where = f"offset {hidden.offset}"
        drawn = subject.kind == "metafile" and hidden.name == "PDF document"  # Office on the Mac draws that way
        evidence = Evidence(hidden.name, where=where, offset=hidden.offset)
        yield _RULES[hidden.what](evidence, confidence=GUESS if drawn else 1.0)
        yield Child(f"embedded-{hidden.offset}", subject.blob.slice(hidden.offset))
    if subject.kind == "signature":
        yield from _signature(subject)
    elif subject.kind == "calendar":
        yield from _calendar(subject)


def _signature(subject: Subject) -> Iterator[Found]:
    head = subject.blob.read(0, 4096)
    if head.lstrip().startswith(b"-----BEGIN PGP MESSAGE"):
        yield rules.NOT_SEARCHED(Evidence("PGP message", offset=0))
        return
    if head.lstrip().startswith((b"-----BEGIN PKCS7", b"-----BEGIN CMS")):
        head = _unarmoured(head)
    at = head.find(_PKCS7)
    if at < 0:
        return
    if head[at + 8 : at + 9] in _SEALED:
        yield rules.NOT_SEARCHED(Evidence("encrypted PKCS #7 message", offset=at))
    elif head.startswith(_SIGNED_DATA, at) and (content := _CONTENT.search(head, at)):
        yield rules.NOT_SEARCHED(Evidence("PKCS #7 message signed as a whole", offset=content.start()))


def _unarmoured(head: bytes) -> bytes:
    body = b"".join(line for line in head.splitlines()[1:] if b"-" not in line)
    try:
        return base64.b64decode(body[: len(body) // 4 * 4])
    except (binascii.Error, ValueError):
        return b""


def _calendar(subject: Subject) -> Iterator[Found]:
    budget = subject.budget
    if content_bytes(subject.blob) > _CALENDAR_LIMIT:
        yield rules.ATTACHMENT_NOT_READ(Evidence(f"entry of {subject.blob.size} bytes"))
    text = _FOLD.sub("", decode_text(subject.blob, budget, _CALENDAR_LIMIT))
    budget.spend(8 * len(text))
    for number, one in enumerate(_BINARY.finditer(text)):
        budget.spend(RECORD + len(one[3]))
        if "base64" not in one[2].lower() and "encoding=b" not in one[2].lower():
            continue
        try:
            data = base64.b64decode(one[3].strip() + "=" * (-len(one[3].strip()) % 4))
        except (binascii.Error, ValueError):
            yield rules.ATTACHMENT_NOT_READ(Evidence(one[1], where=f"property {number}"))
            continue
        named = _FILE_NAME.search(one[2])
        yield Child(named[1] if named else f"{one[1].lower()}-{number}", data)
    for url in addresses_in(text)[:_URLS]:
        yield Indicator(kind="url", value=url)
