"""Which streams of a compound file belong to somebody who is looked at, so that all others can be told apart.

Names are those that Office writes: [MS-DOC] 2.1, [MS-XLS] 2.1.2, [MS-OVBA] 2.2, [MS-OFORMS] 2.1, [MS-OLEDS] 2.3,
[MS-OSHARED] 2.3.6, [MS-OFFCRYPTO] 2.2 and 2.3.4.
"""

import re
from collections.abc import Iterable, Iterator

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.formats.ole.application import Application
from emotriage.model.limits import RECORD, Budget

_ANYWHERE = re.compile(
    r"\x01(?:compobj|ole|ole10itemname|ole10fmtprogid)|\x02olepres\d{1,3}"
    r"|\x03(?:objinfo|linkinfo|e?print|prntpict|pict?|meta)"
)
"""Streams that OLE itself keeps beside any object's own."""
_PROPERTIES = b"\xfe\xff"
_OWN: dict[str, re.Pattern[str]] = {
    "encrypted": re.compile(r"encryptioninfo|encryptedpackage|\x06dataspaces|\x09drm(?:viewer)?content"),
    "word": re.compile(r"worddocument|[01]table|data|macros|msodatastore|_xmlsignatures|_signatures|encryption"),
    "excel": re.compile(
        r"workbook|book|ctls|xcb|revision log|user names|_sx_db_cur|_vba_project|_vba_project_cur"
        r"|msodatastore|_xmlsignatures|_signatures|encryption|etextdata|etcellimagedata"  # the last two are of WPS
    ),
    "powerpoint": re.compile(
        r"powerpoint document|current user|pictures|encryptedsummary|text_content"
        r"|msodatastore|_xmlsignatures|_signatures"
    ),
    "outlook": re.compile(
        r"__(?:substg1\.0_[0-9a-f]{8}(?:-[0-9a-f]{8})?|(?:properties|nameid)_version1\.0"
        r"|(?:recip|attach)_version1\.0_#[0-9a-f]{8})"
    ),
    "publisher": re.compile(r"contents|quill|escher|envelope|\x03internal"),
    "hwp": re.compile(".*", re.DOTALL),  # whose analyzer says itself what is not its own
    "vba": re.compile(r"vba|project|projectwm|projectlk"),
    "modules": re.compile(".*", re.DOTALL),
    "form": re.compile(r"[fox]|\x03vbframe|i\d{1,5}"),
    "equation": re.compile(r"equation native|\x01ole10native"),
    "control": re.compile(r"contents|[fox]|\x03(?:ocx(?:name|data)|propbag)|i\d{1,5}"),
    "store": re.compile(r"msodatastore"),
    "thumbnails": re.compile(r"catalog|\d+"),
}
"""First name below an application's storage, of the streams and folders that are its own."""
_HUSKS = frozenset({"worddocument", "workbook", "powerpoint document"})
_MOST_OF_A_HUSK = 1 << 16


def strangers(
    compound: CompoundFile, found: Iterable[Application], handed: set[int], budget: Budget
) -> Iterator[tuple[Application, Entry]]:
    """(application, stream): what an application does not know, with the one of the storage it is in or below.

    Streams without content and those that hang in no tree are left out.

    Args:
        compound: the file.
        found: its applications, as `ole_application.applications` tells them.
        handed: index of the streams that are looked at as artifacts of their own.
        budget: charged for every entry.
    """
    by_storage: dict[int, list[Application]] = {}
    for one in found:
        by_storage.setdefault(one.storage.index, []).append(one)
    place: dict[int, tuple[int, str]] = {}  # storage: (that of its application, first name below that)
    for entry in compound.entries:  # each storage comes before what is in it
        budget.spend(RECORD)
        above, first = place.get(entry.parent, (-1, ""))
        first = first or entry.name.lower()
        if entry.kind != "stream":
            place[entry.index] = (entry.index, "") if entry.index in by_storage or entry.parent < 0 else (above, first)
            continue
        owners = by_storage.get(above, [])
        if (
            owners
            and entry.size
            and entry.index not in handed
            and not _is_known(compound, entry, first, owners, budget)
        ):
            yield owners[0], entry


def _is_known(compound: CompoundFile, entry: Entry, first: str, owners: list[Application], budget: Budget) -> bool:
    name = entry.name.lower()
    if _ANYWHERE.fullmatch(name):
        return True
    if name.startswith("\5"):
        return compound.open(entry).read(0, 2) == _PROPERTIES
    if any(one.name in _OWN and _OWN[one.name].fullmatch(first) for one in owners):
        return True
    if name in _HUSKS and entry.size <= _MOST_OF_A_HUSK and any(one.name == "encrypted" for one in owners):
        budget.spend(10 * entry.size)
        return not any(compound.open(entry).read())  # Office leaves an empty document beside an encrypted one
    return False
