"""T3, T4: whatever a worker says, its reader gets sound events or `Untrue`, and the judge can judge them."""

import json
import random

import pytest

from emotriage import Limits, Policy, scan
from emotriage.model.verdict import event_to_dict
from emotriage.scoring.judge import Heading, judge
from emotriage.testimony import Untrue
from emotriage.testimony import testimony as sworn

ODD = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**70, 10**400, 0.5, -0.0, float("nan"), float("inf")),
    *("", "x", "\ud800", "\0", "literal", "critical", "\u202e", "x" * 100_000, [], {}, [[]], {"a": 1}, [None], ["x"]),
)


@pytest.fixture(scope="module")
def spoken(samples):
    """(size, messages) of honest scans that have events of every form."""
    said = []
    for name in sorted(samples)[::16]:
        recipe, data = samples[name]
        verdict = scan(data, name=recipe.file, plugins=[])
        events = [*verdict.artifacts, *verdict.findings, *verdict.indicators, *verdict.passwords]
        said.append((len(data), [event_to_dict(one) for one in events]))
    return said


def mutated(noise, message):
    """The message with one value, at any depth, that is something else, is gone, or has company."""
    message = json.loads(json.dumps(message))
    place = message
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        if not keys:
            return message
        key = noise.choice(list(keys))
        if isinstance(place[key], dict | list) and place[key] and noise.random() < 0.7:
            place = place[key]
            continue
        how = noise.randrange(4)
        if how == 0:
            del place[key]
        elif how == 1 and isinstance(place, dict):
            place["extra"] = noise.choice(ODD)
        else:
            place[key] = noise.choice(ODD)
        return message


def heard(size, messages):
    lines = [json.dumps(one).encode() for one in messages]
    return list(sworn([*lines, json.dumps({"events": len(lines)}).encode()], size))


def test_honest_words_pass(spoken):
    for size, messages in spoken:
        assert [event_to_dict(one) for one in heard(size, messages)] == messages


def test_no_mutation_gets_past_that_the_judge_cannot_judge(spoken):
    noise = random.Random(8)
    heading = Heading(engine="x", name="x", limits=Limits())
    refused = 0
    for _ in range(3000):
        size, messages = noise.choice(spoken)
        at = noise.randrange(len(messages))
        try:
            events = heard(size, [*messages[:at], mutated(noise, messages[at]), *messages[at + 1 :]])
        except Untrue:
            refused += 1
            continue
        verdict = judge(events, heading, Policy.default())
        json.loads(verdict.to_json(), parse_constant=pytest.fail)
        assert 0 <= verdict.score <= 100
    assert refused > 1500


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_refused(seed):
    noise = random.Random(seed)
    with pytest.raises(Untrue):
        list(sworn([noise.randbytes(noise.randrange(300)) for _ in range(5)], 5))
