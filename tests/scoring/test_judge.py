"""The judge merges, sorts and caps, and the order of events does not matter."""

import random

from emotriage import Level, Limits, Policy
from emotriage.catalogue import scan as rules
from emotriage.model.finding import Evidence, Rule, Severity, Trait
from emotriage.model.indicator import Indicator
from emotriage.model.verdict import Artifact, stamp
from emotriage.scoring.judge import EVIDENCE_CAP, Heading, judge

HEADING = Heading(engine="test", name="x", limits=Limits())
START = Rule(
    id="vba.start",
    title="s",
    severity=Severity.LOW,
    explanation="",
    false_positives="",
    traits=frozenset({Trait.AUTORUN}),
)
RUN = Rule(
    id="lnk.run",
    title="r",
    severity=Severity.MEDIUM,
    explanation="",
    false_positives="",
    traits=frozenset({Trait.EXECUTE}),
)
ROOT = Artifact(id=0, parent=None, name="x", kind="zip", size=1)


def _artifact(number, parent):
    return Artifact(id=number, parent=parent, name="", kind="ole", size=1)


def test_order_does_not_matter():
    events = [ROOT, _artifact(1, 0), stamp(START(Evidence("a", "b")), 1), stamp(RUN(Evidence("c", "d")), 0)]
    expected = judge(events, HEADING, Policy.default())
    for seed in range(5):
        shuffled = events[:]
        random.Random(seed).shuffle(shuffled)
        assert judge(shuffled, HEADING, Policy.default()) == expected
    assert expected.score == 5 + 15 + 20
    assert expected.level is Level.SUSPICIOUS


def test_chains_do_not_reach_across_siblings():
    events = [ROOT, _artifact(1, 0), _artifact(2, 0), stamp(START(Evidence("a")), 1), stamp(RUN(Evidence("c")), 2)]
    verdict = judge(events, HEADING, Policy.default())
    assert verdict.score == 15
    assert verdict.level is Level.CLEAN


def test_a_guess_lends_points_but_no_traits():
    guess = RUN(Evidence("c"), confidence=0.3)
    verdict = judge([ROOT, guess, START(Evidence("a"))], HEADING, Policy.default())
    assert verdict.score == 5 + round(15 * 0.3)


def test_evidence_is_merged_and_capped():
    events = [ROOT, *(RUN(Evidence(f"{n}")) for n in range(50)), RUN(Evidence("0"))]
    (finding,) = judge(events, HEADING, Policy.default()).findings
    assert len(finding.evidence) == EVIDENCE_CAP + 1
    assert finding.evidence[-1].text == "and 40 more"


def test_indicators_are_unique():
    one = Indicator(kind="url", value="http://a.invalid/")
    assert judge([ROOT, one, one], HEADING, Policy.default()).indicators == (one,)


def test_a_gap_alone_is_unverified():
    verdict = judge([ROOT, rules.NOT_READ(Evidence("RTF"))], HEADING, Policy.default())
    assert verdict.level is Level.UNVERIFIED
    assert not verdict.complete
    assert verdict.gaps == verdict.findings
