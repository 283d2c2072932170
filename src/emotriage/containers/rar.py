"""RAR archives: what is stored as it is becomes a child; names are judged, and what stays shut is a named gap."""

from collections.abc import Callable, Iterator, Sequence

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.member_names import Named, judge_names
from emotriage.containers.solid import EVIDENCE
from emotriage.formats.file_name import escapes, read_file_name
from emotriage.formats.rar import Contents, Entry, open_stored, read_rar
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import Budget

_OPENED = frozenset({"file", "stream", "comment"})
_RULES: dict[str, Rule] = {"too-many-members": rules.TOO_MANY_MEMBERS}


@analyzer("rar", kinds={"rar"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out what can be opened and say what is odd about the archive."""
    archive = subject.view(read_rar)
    yield from _report(archive)
    files = [one for one in archive.entries if one.sort in ("file", "stream")]
    special = [Named(one.name, one.offset, how) for one in archive.entries if (how := _special(one))]
    yield from judge_names(
        [Named(one.name, one.offset) for one in files], NAME_RULES, subject.budget, special, archive.unlisted
    )
    yield from _shut(archive)
    for one in archive.entries:
        if one.sort in _OPENED and not one.method and not one.encrypted and (one.packed or one.sort == "file"):
            yield Child(one.name, _opener(subject.blob, one))


def _report(archive: Contents) -> Iterator[Finding]:
    if archive.locked >= 0:
        yield rules.ENCRYPTED_NAMES(Evidence(f"RAR {archive.version}", where="header", offset=archive.locked))
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in archive.anomalies:
        rule = _RULES.get(one.code, rules.DAMAGED)
        seen.setdefault(rule.id, (rule, []))[1].append(Evidence(one.where, one.code, one.offset))
    for rule, evidence in seen.values():
        yield rule(*evidence[:EVIDENCE])


def _shut(archive: Contents) -> Iterator[Finding]:
    """Members that nobody opens here: encrypted, packed, or in part in another volume."""
    opened = [one for one in archive.entries if one.sort in _OPENED]
    secret = [one for one in opened if one.encrypted]
    packed = [one for one in opened if one.method and not one.encrypted]
    parted = [one for one in opened if one.split]
    if runs := [one for one in secret if read_file_name(one.name).active not in ("", "macro")]:
        yield rules.ENCRYPTED_PROGRAM(*_named(runs))
    if secret:
        yield rules.ENCRYPTED_MEMBER(*_named(secret, f"RAR {archive.version}"))
    if packed:
        yield rules.METHOD_NOT_READ(*_named(packed, f"RAR {archive.version}"))
    if parted:
        yield rules.SPECIAL_MEMBER(*_named(parted, "other volume"))


def _special(one: Entry) -> str:
    """What makes a member unsafe that is no file: where a link leads, or the folder's own name."""
    if one.sort == "link":
        target = one.link.partition(" to ")[2]
        return one.link if not target or escapes(target) else ""
    return escapes(one.name) if one.sort == "folder" else ""


def _named(members: Sequence[Entry], where: str = "") -> list[Evidence]:
    return [Evidence(one.name, where, one.offset) for one in members[:EVIDENCE]]


def _opener(blob: Blob, entry: Entry) -> Callable[[Budget], Iterator[bytes]]:
    return lambda budget: open_stored(blob, entry, budget)
