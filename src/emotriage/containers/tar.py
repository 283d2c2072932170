"""tar archives: every member a child, what leads out of the folder a finding, and a gap for what can't be read."""

from collections.abc import Iterable, Iterator

from emotriage.catalogue import archive as rules
from emotriage.containers.compressed import NAME_RULES
from emotriage.containers.member_names import Named, judge_names
from emotriage.formats.file_name import escapes
from emotriage.formats.tar import Member, read_tape
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.finding import Evidence, Finding, Rule

_EVIDENCE = 16
_FILES = frozenset("0SM")
_DEVICES = {"3": "device", "4": "device", "6": "pipe"}
_RULES: dict[str, Rule] = {
    "content-of-link": rules.CONTRADICTING_HEADERS,
    "size-mismatch": rules.CONTRADICTING_HEADERS,
    "sparse": rules.SPECIAL_MEMBER,
    "multi-volume": rules.SPECIAL_MEMBER,
    "too-many-members": rules.TOO_MANY_MEMBERS,
}


@analyzer("tar", kinds={"tar"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the members and say what is odd about the archive."""
    tape = subject.view(read_tape)
    yield from _report(tape.anomalies)
    files = [one for one in tape.members if one.kind in _FILES or one.size]
    special = [Named(one.name, one.offset, how) for one in tape.members if (how := _special(one))]
    yield from judge_names(
        [Named(one.name, one.offset) for one in files], NAME_RULES, subject.budget, special, tape.unlisted
    )
    for member in files:
        yield Child(member.name, subject.blob.slice(member.data, member.size))


def _report(anomalies: Iterable[Anomaly]) -> Iterator[Finding]:
    seen: dict[str, tuple[Rule, list[Evidence]]] = {}
    for one in anomalies:
        rule = _RULES.get(one.code, rules.DAMAGED)
        seen.setdefault(rule.id, (rule, []))[1].append(Evidence(one.where or one.code, one.code, one.offset))
    for rule, evidence in seen.values():
        yield rule(*evidence[:_EVIDENCE])


def _special(one: Member) -> str:
    """What makes a member without content unsafe: where a link leads, or that it is a device."""
    if one.kind in ("1", "2") and (how := escapes(one.link)):
        return f"{'hard' if one.kind == '1' else 'symbolic'} link, {how}"
    return _DEVICES.get(one.kind, "") or (escapes(one.name) if one.kind not in _FILES and not one.size else "")
