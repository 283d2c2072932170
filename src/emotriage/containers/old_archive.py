"""LZH, ARJ and ACE archives: names are judged, stored members become children; the kind itself stays a gap."""

from collections.abc import Iterator

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE
from emotriage.formats.file_name import read_file_name
from emotriage.formats.old_archive import read_old_archive
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence


@analyzer("old-archive", kinds={"archive"})
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
    if packed := [one for one in archive.members if not one.stored and not one.encrypted]:
        yield rules.METHOD_NOT_READ(*(Evidence(one.name, archive.sort, one.at) for one in packed[:EVIDENCE]))
    if not archive.whole:
        yield rules.DAMAGED(Evidence(archive.sort, where="headers"))
    for one in archive.members:
        if one.stored and not one.encrypted:
            yield Child(one.name, subject.blob.slice(one.data, one.packed))
