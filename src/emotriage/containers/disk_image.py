"""Disk images (ISO 9660, Joliet, UDF, FAT, NTFS, VHD, VHDX): the files of every view, and what hides among them."""

from collections.abc import Iterator, Sequence
from itertools import chain

from emotriage.catalogue import image as rules
from emotriage.containers.member_names import Named, NameRules, judge_names
from emotriage.formats.active_magic import find_active
from emotriage.formats.disk import Part, read_disc, read_disk
from emotriage.formats.disk.volume import NOWHERE, Entry, Volume
from emotriage.formats.file_name import read_file_name
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence, Finding
from emotriage.model.limits import RECORD, Budget

_NAME_RULES = NameRules(rules.UNSAFE_NAME, rules.ACTIVE_MEMBER, rules.LONE_ACTIVE_MEMBER)
_EVIDENCE = 16
_SYSTEM_AREA = 0x8000
_OPENED = ("program", "script", "shortcut")
_HOUSEKEEPING = ("system volume information/", "$recycle.bin/", ".trashes/", ".fseventsd/")
"""What Windows and macOS keep for themselves on every drive they see."""


@analyzer("disk-image", kinds={"disk-image", "iso"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the files and say what is odd about the image."""
    if subject.kind == "iso":
        yield from _before(subject)
        disk = subject.view(read_disc)
    else:
        disk = subject.view(read_disk)
    for part in disk.parts:
        yield from _part(part, subject.budget)


def _before(subject: Subject) -> Iterator[Found]:
    """Files that begin in the area in front of the volume."""
    for one in find_active(subject.blob, subject.budget, 0, _SYSTEM_AREA):
        yield rules.SYSTEM_AREA(Evidence(one.name, offset=one.offset))
        yield Child(f"system-area-{one.offset}{one.extension}", subject.blob.slice(one.offset))


def _part(part: Part, budget: Budget) -> Iterator[Found]:
    if part.unread:
        yield rules.NOT_READ(Evidence(part.unread, offset=part.offset))
    yield from _damage(part.views)
    if not part.views:
        return
    shown = part.views[0]
    entries = {_bytes_of(one): one for one in reversed(shown.entries)}
    others = [one for view in part.views[1:] for one in view.entries if one.size]
    yield from _disagreement(shown, others, entries, budget)
    files = [*shown.entries, *(one for one in others if entries.setdefault(_bytes_of(one), one) is one)]
    yield from judge_names(
        [Named(one.path, one.offset) for one in files if not _housekeeping(one)], _NAME_RULES, budget
    )
    yield from _hidden(files)
    for one in files:
        if one.unread:
            continue
        yield Child(one.path, part.blob.join(_there(one, part.blob.size)) if one.content is None else one.content)


def _damage(views: Sequence[Volume]) -> Iterator[Finding]:
    odd = [(view.scheme, one) for view in views for one in view.anomalies if one.incomplete]
    for rule, codes in (
        (rules.TOO_MANY_FILES, ("too-many-files",)),
        (rules.NOT_READ, ("file-compressed", "file-encrypted")),
        (rules.DAMAGED, ()),
    ):
        known = {"too-many-files", "file-compressed", "file-encrypted"}
        found = [pair for pair in odd if (pair[1].code in codes if codes else pair[1].code not in known)]
        if found:
            yield rule(*(Evidence(f"{scheme}: {one.code}", one.where, one.offset) for scheme, one in found[:_EVIDENCE]))


def _disagreement(
    shown: Volume, others: Sequence[Entry], entries: dict[tuple[object, ...], Entry], budget: Budget
) -> Iterator[Finding]:
    """Files of other views that the first one has not, or calls something of another sort."""
    odd = []
    for one in others:
        budget.spend(RECORD)
        known = entries.get(_bytes_of(one))
        if known is None:
            odd.append(Evidence(one.path, f"not in {shown.scheme}", one.offset))
        elif read_file_name(known.path).active != read_file_name(one.path).active:
            odd.append(Evidence(f"{known.path} or {one.path}", "names", one.offset))
    if odd:
        yield rules.VIEWS_DISAGREE(*odd[:_EVIDENCE])


def _hidden(files: Sequence[Entry]) -> Iterator[Finding]:
    """What runs and is not shown, and what could start it."""
    active = [one for one in files if read_file_name(one.path).active in _OPENED and not _housekeeping(one)]
    hidden = [Evidence(one.path, "hidden", one.offset) for one in active if one.hidden]
    shown = [Evidence(one.path, "shown", one.offset) for one in active if not one.hidden]
    if not hidden:
        return
    if 0 < len(shown) <= 2:
        yield rules.LAUNCHES_HIDDEN(*chain(shown, hidden[:_EVIDENCE]))
    else:
        yield rules.HIDDEN_MEMBER(*hidden[:_EVIDENCE])


def _there(one: Entry, room: int) -> list[tuple[int, int]]:
    """The pieces of a file without what lies behind the end of the image; what lies nowhere at all is zeros."""
    return [
        (at, length if at >= NOWHERE else min(length, room - at))
        for at, length in one.pieces
        if at < room or at >= NOWHERE
    ]


def _housekeeping(one: Entry) -> bool:
    return one.path.lower().startswith(_HOUSEKEEPING)


def _bytes_of(one: Entry) -> tuple[object, ...]:
    """What tells one file of a part from another: where its bytes lie, or, where it has none, its name."""
    return (*one.pieces[:1], one.size) if one.size and one.pieces else (one.path.lower(), one.offset)
