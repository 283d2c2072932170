"""A policy file changes what it says and nothing else, and a mistake in it is named before the first scan."""

import re
from pathlib import Path

import pytest

from emotriage import Level, Limits, Policy, UsageError, scan
from emotriage.catalogue import rules
from emotriage.model.finding import Evidence, Finding, Severity, Trait
from emotriage.model.verdict import Artifact
from emotriage.scoring.judge import Heading, judge
from emotriage.scoring.policy import Chain
from emotriage.scoring.policy_file import policy_of
from emotriage.testing import archive, document

DOCS = Path(__file__).resolve().parents[2] / "docs"
HEADING = Heading(engine="test", name="x", limits=Limits())
ROOT = Artifact(id=0, parent=None, name="x", kind="ole", size=1)


@pytest.fixture
def load(tmp_path):
    def read(text, kind=Policy):
        path = tmp_path / "settings.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return kind.load(path)

    return read


def _seen(rule):
    return rules()[rule](Evidence("seen", where="here"))


def test_an_empty_file_is_the_default_under_another_name(load):
    policy = load("")
    assert policy.name == "custom"
    assert {**policy.to_dict(), "name": "default"} == Policy.default().to_dict()
    assert load('name = "default"').sha256 == Policy.default().sha256


def test_every_key(load):
    policy = load("""
        name = "gateway"
        suspicious = 20
        malicious = 60
        family_cap = 50
        plugins = ["b", "a", "b"]
        [severity]
        low = 6
        [rules]
        "vba.autorun" = "high"
        "url.no-such-rule-here" = "ignore"
        [[chains]]
        name = "downloads and runs"
        points = 35
        [[chains]]
        name = "stays"
        traits = ["persist", "write"]
        points = 25
        [[chains]]
        name = "runs what it hides"
        points = 0
    """)
    assert (policy.name, policy.suspicious, policy.malicious, policy.family_cap) == ("gateway", 20, 60, 50)
    assert policy.plugins == ("b", "a")
    assert policy.weights == (0, 6, 15, 40, 100)
    chains = {one.name: one for one in policy.chains}
    assert chains["downloads and runs"] == Chain("downloads and runs", frozenset({Trait.DOWNLOAD, Trait.EXECUTE}), 35)
    assert chains["stays"].traits == {Trait.PERSIST, Trait.WRITE}
    assert "runs what it hides" not in chains
    assert len(chains) == len(Policy.default().chains)


def test_the_hash_is_of_the_meaning_not_of_the_writing(load):
    one = load('name = "x"\nmalicious = 80\nplugins = ["a", "b"]\n[severity]\nlow = 5\n')
    other = load(b'\xef\xbb\xbfplugins = ["b", "a"] # the same\r\nmalicious = 80\r\nname = "x"\r\n')
    assert one.sha256 == other.sha256
    for change in ('name = "y"', "malicious = 81", '[rules]\n"vba.autorun" = "info"', "[severity]\nlow = 4"):
        assert load(change).sha256 not in {one.sha256, load("").sha256}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("malicous = 70", "malicous"),
        ("malicious = 0", "malicious"),
        ("malicious = -1", "malicious"),
        ("malicious = 101", "malicious"),
        ("malicious = 99999999999999999999999999", "malicious"),
        ("malicious = nan", "malicious"),
        ("malicious = inf", "malicious"),
        ("malicious = 70.0", "malicious"),
        ("malicious = true", "malicious"),
        ('malicious = "70"', "malicious"),
        ("suspicious = 0", "suspicious"),
        ("suspicious = 71", "suspicious"),
        ("family_cap = 0", "family_cap"),
        ("name = 1", "name"),
        ('name = ""', "name"),
        (f'name = "{"x" * 101}"', "name"),
        ("severity = 5", "severity"),
        ("[severity]\nhuge = 5", "severity.huge"),
        ("[severity]\nlow = -1", "severity.low"),
        ("[severity]\nlow = nan", "severity.low"),
        ("[severity]\nlow = 16", "rise from info to critical"),
        ("rules = []", "rules"),
        ('[rules]\n"vba.autorunn" = "low"', "rules.vba.autorunn"),
        ('[rules]\n"vba.autorun" = "lowest"', "rules.vba.autorun"),
        ('[rules]\n"vba.autorun" = 5', "rules.vba.autorun"),
        ('[rules]\nvba.autorun = "low"', "rules.vba: no such rule"),
        ('[rules]\n"scan.encrypted" = "ignore"', "rules.scan.encrypted"),
        ("chains = {}", "chains"),
        ("chains = [1]", "chains, number 1"),
        ('[[chains]]\nname = "x"\npoints = 5', "traits"),
        ('[[chains]]\nname = "x"\npoints = 5\ntraits = []', "traits"),
        ('[[chains]]\nname = "x"\npoints = 5\ntraits = ["runs"]', "runs"),
        ('[[chains]]\nname = "x"\npoints = 101\ntraits = ["execute"]', "points"),
        ('[[chains]]\nname = "x"\ntraits = ["execute"]', "points"),
        ("[[chains]]\npoints = 5\ntraits = ['execute']", "name"),
        ('[[chains]]\nname = "x"\npoints = 5\ntraits = ["execute"]\nweight = 5', "weight"),
        ('plugins = "all"', "plugins"),
        ("plugins = [1]", "plugins"),
        ("malicious = 70\nmalicious = 70", "not TOML"),
        ("malicious", "not TOML"),
        (b"\xff\xfe", "not TOML"),
        ("x = " + "[" * 5000, "not TOML"),
        ("malicious = 1" + "0" * 5000, "not TOML"),
        ("#" * (1 << 20) + "\n", "1 MiB"),
    ],
)
def test_w14_absurd_policies_are_named(load, text, named):
    with pytest.raises(UsageError, match=re.escape(named)) as caught:
        load(text)
    assert "settings.toml" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", sorted(Limits().to_dict()))
@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1.0", "true", '"1"', "[]", str(1 << 63), str(10**30)])
def test_w14_absurd_limits_are_named(load, name, value):
    with pytest.raises(UsageError, match=f"limit {name} must be"):
        load(f"{name} = {value}", Limits)


def test_w14_a_misspelled_limit_is_named(load):
    with pytest.raises(UsageError, match="unknown limit: second"):
        load("second = 10", Limits)
    assert load("seconds = 10", Limits) == Limits(seconds=10)
    for name in Limits().to_dict():
        assert load(f"{name} = {Limits.most(name)}", Limits).to_dict()[name] == Limits.most(name)


@pytest.mark.parametrize("kind", [Policy, Limits])
def test_files_that_cannot_be_read(tmp_path, kind):
    for path in (tmp_path / "missing.toml", tmp_path, "a\0b"):
        with pytest.raises(UsageError, match="cannot read"):
            kind.load(path)


@pytest.mark.parametrize(
    "raw", [{"malicious": float("nan")}, {"weights": (0, 5)}, {"suspicious": 80}, {"family_cap": True}, {"name": None}]
)
def test_policies_made_in_python_are_checked_too(raw):
    with pytest.raises(UsageError):
        Policy(**raw)


def test_a_changed_severity_changes_points_and_shows():
    found = [ROOT, _seen("vba.autorun")]
    plain = judge(found, HEADING, Policy.default())
    policy = policy_of({"rules": {"vba.autorun": "high"}})
    verdict = judge(found, HEADING, policy)
    assert (plain.score, verdict.score) == (5, 40)
    assert verdict.findings[0].severity is Severity.HIGH
    assert verdict.level is Level.SUSPICIOUS
    assert verdict.policy == {"name": "custom", "sha256": policy.sha256}


def test_an_ignored_rule_stays_in_the_verdict_without_points_and_traits():
    found = [ROOT, _seen("vba.autorun"), _seen("vba.execute")]
    assert any(line.what.startswith("chain: ") for line in judge(found, HEADING, Policy.default()).account)
    weights = {"severity": {"info": 5}}  # not even where noise counts
    verdict = judge(found, HEADING, policy_of({"rules": {"vba.autorun": "ignore"}, **weights}))
    assert [one.rule for one in verdict.findings] == ["vba.autorun", "vba.execute"]
    assert [line.what for line in verdict.account] == ["vba.execute"]
    assert verdict.findings[0].traits == frozenset()


def test_a_gap_can_be_raised_but_no_policy_makes_it_clean():
    found = [ROOT, _seen("scan.encrypted")]
    assert judge(found, HEADING, Policy.default()).level is Level.UNVERIFIED
    assert judge(found, HEADING, policy_of({"rules": {"scan.encrypted": "high"}})).level is Level.SUSPICIOUS
    of_a_plugin = Finding(rule="mine.gap", title="g", severity=Severity.INFO, incomplete=True)
    ignoring = policy_of({"plugins": ["mine"], "rules": {"mine.gap": "ignore"}})
    verdict = judge([ROOT, of_a_plugin], HEADING, ignoring)
    assert verdict.level is Level.UNVERIFIED
    assert not verdict.complete


def test_the_account_adds_up_under_any_weights():
    macros = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
    data = archive(files={"a.doc": document(format="doc", macros=macros)})
    for weights in ({"info": 1}, {"low": 15, "medium": 16}, {"info": 0, "low": 0, "medium": 0, "high": 0}):
        verdict = scan(data, name="a.zip", policy=policy_of({"severity": weights}), plugins=[])
        assert sum(line.points for line in verdict.account) == verdict.score


def test_the_example_of_the_documentation_loads(load):
    page = (DOCS / "use.md").read_text("utf-8")
    examples = re.findall(r"^```toml\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    limits = [one for one in examples if "seconds" in one]
    policies = [one for one in examples if "suspicious" in one]
    assert len(limits) == len(policies) == 1
    assert load(limits[0], Limits) != Limits()
    assert load(policies[0]).to_dict()["rules"]
