"""The same bytes, met again, are not looked at twice, and that costs no finding, no point and no gap."""

import random
from dataclasses import replace

import pytest

from emotriage import Evidence, Level, Limits, Rule, Severity, analyzer, scan
from emotriage.model.analyzer import Child
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding
from emotriage.model.limits import MIB, Budget
from emotriage.model.passwords import Passwords
from emotriage.model.verdict import Artifact
from emotriage.registry import built_in
from emotriage.repeats import Repeats
from emotriage.testing import archive, document, mail
from emotriage.walk import walk

LURE = document("doc", macros={"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'})


def look(data: bytes, name: str = "order.zip", *passwords: str, **limits: int):
    return scan(data, name=name, passwords=passwords, limits=Limits(**limits), plugins=[])


def shown(verdict) -> list[tuple[str, int | None]]:
    return [(one.name, one.same_as) for one in verdict.artifacts]


def meaning(verdict):
    return verdict.level, verdict.score, verdict.complete, {one.rule for one in verdict.findings}


def check_doubled(samples, monkeypatch) -> None:
    for recipe, data in samples.values():
        nested = archive({f"deep/{recipe.file}": data, "note.txt": b"Please find the order attached.\r\n"})
        twice = archive([(recipe.file, data), ("order.zip", nested), (f"copy-{recipe.file}", data)], method=8)
        once = look(twice)
        with monkeypatch.context() as patch:
            patch.setattr(Repeats, "is_known", lambda *_: False)
            each = look(twice)
        assert meaning(once) == meaning(each), recipe.name
        assert {(one.kind, one.value) for one in once.indicators} == {(one.kind, one.value) for one in each.indicators}


def test_a_verdict_is_that_of_looking_at_every_copy(shard_of, monkeypatch):
    check_doubled(shard_of(3, 16), monkeypatch)


@pytest.mark.long
def test_a_verdict_is_that_of_looking_at_every_copy_of_all(samples, monkeypatch):
    check_doubled(samples, monkeypatch)


def test_copies_are_listed_with_their_own_names():
    verdict = look(archive({"a/1.doc": LURE, "b/2.doc": LURE, "note.txt": b"plain text\r\n" * 9}))
    assert shown(verdict) == [("order.zip", None), ("a/1.doc", None), ("b/2.doc", 1), ("note.txt", None)]
    assert verdict.artifacts[1].sha256 == verdict.artifacts[2].sha256
    assert verdict.artifacts[2].parent == 0
    assert {one.artifact for one in verdict.findings if one.rule == "vba.autorun"} == {1}


def test_many_copies_cost_little_more_than_one():
    works = []
    for count in (1, 50):
        budget = Budget(Limits())
        data = archive({f"{number}.doc": LURE for number in range(count)})
        list(walk(Child("order.zip", Blob(data)), budget, built_in()))
        works.append(budget.work - 4 * len(data))
    assert works[1] < 12 * works[0]


def test_names_of_copies_are_judged():
    verdict = look(archive({"a.doc": LURE, "b\u202excod.doc": LURE, "c.pdf": LURE}))
    assert [same for _, same in shown(verdict)] == [None, None, None, None]
    assert {one.artifact for one in verdict.findings if one.rule.startswith("names.")} >= {2, 3}


def test_a_way_that_counts_for_more_is_looked_at_again():
    plain = archive({"a.doc": LURE})
    worse = archive([("a.doc", LURE), ("../../b.js", b"// plain\r\n")])
    verdict = look(archive([("plain.zip", plain), ("worse.zip", worse)]))
    again = look(archive([("worse.zip", worse)]))
    assert verdict.score >= again.score
    assert ("a.doc", None) in shown(verdict)[3:]
    assert sum(one.rule == "vba.autorun" for one in verdict.findings) == 2


def test_what_a_later_password_opens_is_opened():
    locked = archive({"a.doc": LURE}, password="Tq7-drumlin")
    letter = mail(text="The password is Tq7-drumlin.\r\n", attach={"order.zip": locked})
    verdict = look(archive([("order.zip", locked), ("letter.eml", letter)]))
    assert "vba.autorun" in {one.rule for one in verdict.findings}
    assert "zip.encrypted-member" in {one.rule for one in verdict.gaps}


def test_what_was_opened_once_stands_for_its_copies():
    locked = archive({"a.doc": LURE}, password="Tq7-drumlin")
    letter = mail(text="The password is Tq7-drumlin.\r\n", attach={"order.zip": locked})
    verdict = look(archive([("letter.eml", letter), ("order.zip", locked)]))
    assert verdict.complete
    assert verdict.artifacts[-1].same_as is not None


def test_what_a_limit_cut_is_no_first():
    noise = archive({"a.bin": random.Random(1).randbytes(MIB)}, method=8)
    verdict = look(archive({"1.zip": noise, "2.zip": noise}), expanded_bytes=5 * MIB // 2)
    assert [same for _, same in shown(verdict)] == [None] * len(verdict.artifacts)
    assert verdict.level >= Level.UNVERIFIED


def test_somebody_elses_analyzer_sees_every_name():
    rule = Rule(id="test.name", title="name", severity=Severity.LOW, explanation="x", false_positives="x")

    @analyzer("name", kinds={"ole"}, rules=[rule])
    def by_name(subject):
        yield rule(Evidence(subject.name))

    data = archive([("1.doc", LURE), ("2.doc", LURE), ("2.doc", LURE)])
    events = list(walk(Child("order.zip", Blob(data)), Budget(Limits()), [*built_in(), by_name], Passwords()))
    assert [e.evidence[0].text for e in events if isinstance(e, Finding) and e.rule == "test.name"] == [
        "1.doc",
        "2.doc",
    ]


# the rules themselves

FINDING = Finding(rule="x.y", title="", severity=Severity.LOW)


def artifact(number: int, parent: int | None, sha256: str | None = "a" * 64, name: str = "x.doc") -> Artifact:
    return Artifact(id=number, parent=parent, name=name, kind="ole", size=1, sha256=sha256)


def met(*events, by_name: bool = False) -> Repeats:
    repeats = Repeats(by_name=by_name)
    for one in events:
        repeats.note(one)
        if isinstance(one, Artifact):
            repeats.remember(one)
    return repeats


ROOT = artifact(0, None, "b" * 64)


def test_a_gap_anywhere_inside_the_first_counts():
    gap = replace(FINDING, incomplete=True, artifact=2)
    assert met(ROOT, artifact(1, 0), artifact(2, 1, "c" * 64)).first(artifact(3, 0), ()) == 1
    assert met(ROOT, artifact(1, 0), artifact(2, 1, "c" * 64), gap).first(artifact(3, 0), ()) is None
    later = met(ROOT, artifact(1, 0), artifact(2, 1, "c" * 64), gap, artifact(3, 0))
    assert later.first(artifact(4, 0), ()) == 3


def test_what_is_still_looked_at_stands_for_nothing():
    assert met(ROOT, artifact(1, 0)).first(artifact(2, 1), ()) is None
    assert not met(ROOT).is_known(artifact(1, 0))


def test_bytes_that_were_not_all_read_are_never_the_same():
    assert not met(ROOT, artifact(1, 0, None)).is_known(artifact(2, 0, None))


def test_points_on_the_way_count():
    repeats = met(ROOT, artifact(1, 0), artifact(2, 0, "c" * 64), replace(FINDING, artifact=2))
    assert repeats.first(artifact(3, 2), ()) is None
    assert repeats.first(artifact(3, 0), [FINDING]) is None
    assert repeats.first(artifact(3, 0), ()) == 1
    covered = met(
        ROOT, artifact(1, 0), replace(FINDING, artifact=1), artifact(2, 0, "c" * 64), replace(FINDING, artifact=2)
    )
    assert covered.first(artifact(3, 2), [FINDING]) == 1


@pytest.mark.parametrize(
    ("name", "same"),
    [("y.doc", True), ("a.b/y.doc", True), ("Y.DOC", True), ("y.docx", False), ("y.x.doc", False), ("y", False)],
)
def test_what_a_name_decides(name, same):
    assert (met(ROOT, artifact(1, 0)).first(artifact(2, 0, name=name), ()) == 1) is same
    assert not met(ROOT, artifact(1, 0), by_name=True).is_known(artifact(2, 0, name=name))
