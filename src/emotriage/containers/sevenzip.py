"""7z archives: every file a child, encrypted ones opened with the candidates at hand, and a gap for what stays shut."""

from collections.abc import Generator, Iterator, Sequence

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.key_ring import KeyRing
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE, parts_of
from emotriage.formats.file_name import read_file_name
from emotriage.formats.sevenzip import Member, SevenZip, opens, read_sevenzip
from emotriage.formats.sevenzip.coders import Keys
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.errors import Encrypted, FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.passwords import Opened, Password, Passwords
from emotriage.model.shelf import Shelf
from emotriage.model.spool import Spooled, spool


@analyzer("sevenzip", kinds={"7z"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the files and say what is odd about the archive."""
    ring = KeyRing(subject, Keys)
    try:
        archive = subject.view(read_sevenzip)
    except Encrypted:
        opened = ring.first(lambda keys: opens(subject.blob, keys, subject.budget))
        if opened is None:
            yield rules.ENCRYPTED_NAMES(Evidence(f"7z AES-256, {ring.tried} passwords tried", where="header", offset=0))
            return
        archive, password = opened
        yield Opened.by(password)
        yield rules.OPENED(Evidence("names", where="7z AES-256"))
    files = [one for one in archive.members if not one.folder]
    yield from judge_names([Named(one.name) for one in files], NAME_RULES, subject.budget)
    secret = [one for one in files if one.block >= 0 and archive.is_encrypted(one.block)]
    if runs := [one for one in secret if read_file_name(one.name).active not in ("", "macro")]:
        yield rules.ENCRYPTED_PROGRAM(*(Evidence(one.name, where="7z AES-256") for one in runs[:EVIDENCE]))
    yield from (Child(one.name, b"") for one in files if one.block < 0)
    yield from _blocks(subject, archive, files, ring)


def _blocks(subject: Subject, archive: SevenZip, files: Sequence[Member], ring: KeyRing[Keys]) -> Iterator[Found]:
    """The files of each stream, which is unpacked once for all of them."""
    shelf = Shelf(subject.limits.spooled_bytes)
    by_block: dict[int, list[Member]] = {}
    for one in files:
        if one.block >= 0:
            by_block.setdefault(one.block, []).append(one)
    opened: list[Evidence] = []
    shut: list[Evidence] = []
    for block, inside in by_block.items():
        passwords = Passwords()
        if archive.is_encrypted(block):
            found = yield from _opened(archive, block, ring, shelf, subject.budget, first=not opened)
            if found is None:
                shut += [Evidence(one.name, where="7z AES-256") for one in inside]
                continue
            content, password = found
            passwords = Passwords((password,))
            opened += [Evidence(one.name, where="7z AES-256") for one in inside]
        else:
            try:
                content = spool(archive.unpack(block, subject.budget), subject.budget, shelf=shelf)
            except FormatError as error:
                yield rules.METHOD_NOT_READ(*(Evidence(one.name, where=str(error)) for one in inside[:EVIDENCE]))
                continue
        yield from parts_of(content, inside, passwords)
    if opened:
        yield rules.OPENED(*opened[:EVIDENCE])
    if shut:
        yield rules.ENCRYPTED_MEMBER(*shut[:EVIDENCE])


def _opened(
    archive: SevenZip, block: int, ring: KeyRing[Keys], shelf: Shelf, budget: Budget, *, first: bool
) -> Generator[Found, None, tuple[Spooled, Password] | None]:
    """The stream in clear, under the first candidate that gives it the right checksums."""
    for keys, password in ring.candidates():
        before = shelf.size
        try:
            content = spool(archive.unpack(block, budget, keys), budget, shelf=shelf)
        except FormatError:
            continue
        if content.failure is None:
            ring.fits(keys, password)
            if first:
                yield Opened.by(password)
            return content, password
        shelf.cut(before)
    return None
