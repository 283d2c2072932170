"""LZH, ARJ and ACE archives: names are judged, members become children; what is not read stays a gap."""

from collections.abc import Callable, Iterator

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE
from emotriage.formats.file_name import read_file_name
from emotriage.formats.lzh import VARIANTS
from emotriage.formats.old_archive import Member, read_old_archive, unpack_member
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget


@analyzer("old-archive", kinds={"archive", "arj", "lzh"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge what the headers say."""
    archive = subject.view(read_old_archive)
    if archive is None:
        return
    yield from judge_names([Named(one.name, one.at) for one in archive.members], NAME_RULES, subject.budget)
    secret = [one for one in archive.members if one.encrypted]
    if runs := [one for one in secret if read_file_name(one.name).active not in ("", "macro")]:
        yield rules.ENCRYPTED_PROGRAM(*(Evidence(one.name, archive.sort, one.at) for one in runs[:EVIDENCE]))
    if secret:
        yield rules.ENCRYPTED_MEMBER(*(Evidence(one.name, archive.sort, one.at) for one in secret[:EVIDENCE]))
    if packed := [one for one in archive.members if not _is_read(one) and not one.encrypted]:
        yield rules.METHOD_NOT_READ(*(Evidence(one.name, archive.sort, one.at) for one in packed[:EVIDENCE]))
    if archive.end is None:
        yield rules.DAMAGED(Evidence(archive.sort, where="headers"))
    for one in archive.members:
        if _is_read(one) and not one.encrypted:
            yield Child(one.name, _opener(subject.blob, one))


def _is_read(member: Member) -> bool:
    return member.stored or member.method in VARIANTS


def _opener(blob: Blob, member: Member) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: unpack_member(blob, member, budget)
