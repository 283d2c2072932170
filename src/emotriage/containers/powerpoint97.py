"""PowerPoint 97-2003 presentations: stored objects become children, actions of slides findings, locks are opened."""

from collections.abc import Generator, Iterator

from emotriage.catalogue import ole, powerpoint
from emotriage.containers.slide_actions import judge_actions
from emotriage.formats.active_magic import find_active
from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.office_crypto import candidates, is_default
from emotriage.formats.office_crypto.powerpoint import clear_presentation, read_presentation_lock
from emotriage.formats.office_crypto.rc4 import open_rc4
from emotriage.formats.powerpoint97 import Presentation, read_presentation
from emotriage.formats.powerpoint97_records import Edits, read_edits
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.passwords import Opened

_EMPTY = Blob(b"")
_EVIDENCE = 8
_ADDRESSES = 64


@analyzer("powerpoint97", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Look at every stream ``PowerPoint Document``, the embedded ones included."""
    compound = subject.view(read_compound_file)
    for entry in compound.entries:
        if entry.kind == "stream" and entry.name.lower() == "powerpoint document":
            yield from _presentation(subject, compound, entry)


def _presentation(subject: Subject, compound: CompoundFile, entry: Entry) -> Iterator[Found]:
    document = compound.open(entry)
    edits = read_edits(document, _sibling(compound, entry, "Current User"), subject.budget)
    pictures = _sibling(compound, entry, "Pictures")
    locked = edits.encrypted or edits.session is not None
    if locked:
        opened = yield from _unlock(subject, entry, document, edits)
        if opened is None:
            return
        document = opened
        if pictures.size:
            yield ole.ENCRYPTED(Evidence("pictures of an encrypted presentation", where=f"{_above(entry)}Pictures"))
    view = read_presentation(document, edits, subject.budget)
    yield from _damage(view, entry)
    yield from judge_actions(view.actions, subject.budget)
    yield from _children(entry, view)
    for one in find_active(_EMPTY if locked else pictures, subject.budget, start=0):
        place = f"{_above(entry)}Pictures"
        yield (ole.EMBEDDED_PROGRAM if one.what == "program" else ole.EMBEDDED_FILE)(
            Evidence(one.name, where=place, offset=one.offset)
        )
        yield Child(f"{place}{one.extension}", pictures.slice(one.offset))


def _unlock(subject: Subject, entry: Entry, document: Blob, edits: Edits) -> Generator[Found, None, Blob | None]:
    """The presentation in clear; a gap where no password opens it."""
    try:
        lock = read_presentation_lock(document, edits)
        passwords = candidates(subject.passwords, subject.name, subject.limits.passwords)
        opened = open_rc4(lock, passwords, subject.budget)
        if opened is None:
            text = f"encrypted PowerPoint presentation, {lock.scheme}, {len(passwords)} passwords tried"
            yield ole.ENCRYPTED(Evidence(text, where=entry.path))
            return None
        key, password = opened
        clear = clear_presentation(document, edits, key, subject.budget)
    except FormatError as error:
        yield ole.ENCRYPTED(Evidence(f"encrypted PowerPoint presentation: {error}", where=entry.path))
        return None
    yield Opened.by(password)
    yield (ole.DEFAULT_PASSWORD if is_default(password) else ole.OPENED)(Evidence(lock.scheme, where=entry.path))
    return clear


def _children(entry: Entry, view: Presentation) -> Iterator[Found]:
    for number, one in enumerate(view.objects, 1):
        yield Child(f"{entry.path}/object {number}", one.unpack if one.compressed else one.packed)
    for number, one in enumerate(view.files, 1):
        yield Child(f"{entry.path}/file {number}", one.packed)
    for address in view.addresses[:_ADDRESSES]:
        yield Indicator(kind="url" if "://" in address else "path", value=address, where=entry.path)


def _damage(view: Presentation, entry: Entry) -> Iterator[Found]:
    lost = [one for one in view.anomalies if one.incomplete]
    if lost:
        evidence = (Evidence(f"{one.code}, {one.where}", where=entry.path, offset=one.offset) for one in lost)
        yield powerpoint.DAMAGED(*list(evidence)[:_EVIDENCE])


def _sibling(compound: CompoundFile, entry: Entry, name: str) -> Blob:
    found = compound.find(f"{_above(entry)}{name}")
    return _EMPTY if found is None else compound.open(found)


def _above(entry: Entry) -> str:
    return entry.path[: -len(entry.name)]
