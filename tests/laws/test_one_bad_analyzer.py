"""L3, L6 and L8: an analyzer that raises, hangs, dies, eats memory or is absent changes nobody else's findings."""

import sys
import textwrap

import pytest

from emotriage import Level, Limits, ScanPool, scan
from emotriage.testing import archive, document

PLUGINS = """
import os, signal, time
from emotriage import Child, Evidence, Rule, Severity, analyzer

SEEN = Rule(id="planted.seen", title="planted", severity=Severity.LOW, explanation="x", false_positives="x")

def planted(name, after):
    @analyzer(name, kinds={"*"}, rules=[SEEN])
    def run(subject):
        yield SEEN(Evidence("before", where="here"))
        after(subject)
        yield SEEN(Evidence("after", where="here"))
    return run

def forever(subject):
    while True:
        pass

def asleep(subject):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(3600)

def hungry(subject):
    hoard = []
    while True:
        hoard.append(bytes(1 << 24))

def greedy(subject):
    while True:
        subject.budget.spend(1 << 20)

def swallowing(subject):
    try:
        greedy(subject)
    except BaseException:
        pass

def junk(subject):
    raise ValueError("secret from the input")

def leave(subject):
    raise SystemExit(0)

RAISES = planted("raises", junk)
FOREVER = planted("forever", forever)
ASLEEP = planted("asleep", asleep)
HUNGRY = planted("hungry", hungry)
GREEDY = planted("greedy", greedy)
SWALLOWING = planted("swallowing", swallowing)
DIES = planted("dies", lambda subject: os._exit(0))
KILLED = planted("killed", lambda subject: os.kill(os.getpid(), signal.SIGKILL))
LEAVES = planted("leaves", leave)
RECURSES = planted("recurses", lambda subject: (lambda f: f(f))(lambda f: f(f)))
NOISY = planted("noisy", lambda subject: print("{}" * 1000))

@analyzer("junk", kinds={"*"})
def JUNK(subject):
    yield "not an event"

@analyzer("many", kinds={"zip"})
def MANY(subject):
    for number in range(100_000):
        yield Child(f"{number}", b"")
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Install plugins by entry point, as a package would."""
    (tmp_path / "planted_analyzers.py").write_text(textwrap.dedent(PLUGINS))
    info = tmp_path / "planted-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    names = [line.split(" = ")[0].lower() for line in PLUGINS.splitlines() if " = planted(" in line] + ["junk", "many"]
    lines = [f"{name} = planted_analyzers:{name.upper()}" for name in names]
    (info / "entry_points.txt").write_text(
        "\n".join(["[emotriage.analyzers]", *lines, "broken = planted_analyzers:ABSENT", "lost = no_such_module:X", ""])
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    yield names
    sys.modules.pop("planted_analyzers", None)


def _own(verdict):
    return [f for f in verdict.findings if not f.rule.startswith(("planted.", "scan."))]


@pytest.fixture
def lure():
    """(name, bytes) of a document whose macro starts a program, inside an archive."""
    macros = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert"\nEnd Sub\n'}
    return "invoice.zip", archive(files={"invoice.doc": document(format="doc", macros=macros)})


@pytest.mark.parametrize("name", ["raises", "greedy", "swallowing", "leaves", "recurses", "junk"])
def test_misbehaviour_here(planted, lure, name):
    name_of, data = lure
    plain = scan(data, name=name_of, plugins=[])
    verdict = scan(data, name=name_of, plugins=[name])
    assert _own(verdict) == _own(plain)
    assert verdict.gaps
    assert verdict.level >= max(Level.UNVERIFIED, plain.level)
    assert "secret" not in verdict.to_json()
    assert verdict.plugins == (name,)
    if name != "junk":
        assert any(f.rule == "planted.seen" for f in verdict.findings)


@pytest.mark.parametrize("name", ["forever", "asleep", "hungry", "dies", "killed"])
def test_misbehaviour_isolated(planted, lure, name):
    name_of, data = lure
    limits = Limits(seconds=2, worker_memory=256 << 20)
    plain = scan(data, name=name_of, plugins=[])
    with ScanPool(limits=limits, plugins=[name]) as pool:
        verdict = pool.scan(data, name_of)
        assert any(f.rule in ("scan.worker-died", "scan.analyzer-failed") for f in verdict.gaps)
        assert any(f.rule == "planted.seen" for f in verdict.findings)
        first = {f.rule for f in _own(plain) if f.artifact == 0}
        assert first <= {f.rule for f in verdict.findings}
        assert verdict.sha256 == plain.sha256
    assert scan(data, name=name_of, plugins=[], isolate=True).to_json() == plain.to_json()


def test_printing_does_not_disturb_the_channel(planted, lure):
    name_of, data = lure
    verdict = scan(data, name=name_of, plugins=["noisy"], isolate=True)
    assert verdict.to_json() == scan(data, name=name_of, plugins=["noisy"]).to_json()


def test_broken_plugins_are_gaps(planted):
    for isolate in (False, True):
        verdict = scan(b"hello", plugins=["broken", "lost"], isolate=isolate)
        (gap,) = [f for f in verdict.gaps if f.rule == "scan.plugin-failed"]
        assert len(gap.evidence) == 2


def test_too_many_children_is_a_gap(planted):
    verdict = scan(archive(files={"a.txt": b"hello"}), plugins=["many"], limits=Limits(children=50))
    assert len(verdict.artifacts) == 50
    assert "scan.limit-reached" in [f.rule for f in verdict.gaps]


def test_an_absent_analyzer_is_a_gap(samples, plain_of, monkeypatch):
    """Only where it looks at something: the walk chooses analyzers by kind, so elsewhere nothing changes."""
    from emotriage import registry

    everyone = registry.built_in()
    spread = [(name, plain_of(name)) for name in sorted(samples)[::29]]
    for gone in everyone:
        monkeypatch.setattr(registry, "built_in", lambda gone=gone: tuple(one for one in everyone if one is not gone))
        for name, plain in spread:
            if not gone.kinds & {"*", *(one.kind for one in plain.artifacts)}:
                continue
            recipe, data = samples[name]
            verdict = scan(data, name=recipe.file, plugins=[])
            rules = {f.rule for f in verdict.findings}
            lost = {f.rule for f in plain.findings} - rules
            if lost:
                assert verdict.level is not Level.CLEAN, (gone.name, recipe.name, lost)


def test_unstartable_worker_is_a_gap():
    with ScanPool(python="/nonexistent/python") as pool:
        verdict = pool.scan(b"hello", "a.txt")
    assert [f.rule for f in verdict.gaps] == ["scan.worker-died"]
    assert verdict.level is Level.UNVERIFIED
    assert verdict.sha256 is None


def test_a_built_in_that_cannot_be_imported_is_a_gap(monkeypatch):
    monkeypatch.setitem(sys.modules, "emotriage.analyzers.script", None)
    verdict = scan(b"hello", plugins=[])
    assert {f.rule for f in verdict.gaps} == {"scan.analyzer-failed", "scan.not-read"}


def test_a_fork_does_not_share_workers(samples):
    import os

    files = [data for name, (_, data) in sorted(samples.items()) if name.startswith("benign/")][:6]
    expected = [scan(data, name="x", plugins=[]).to_json() for data in files]
    with ScanPool(plugins=[]) as pool:
        pool.scan(b"warm", "x")
        child = os.fork()
        same = [pool.scan(data, "x").to_json() for data in files] == expected
        if not child:
            os._exit(0 if same else 1)
        assert same
        assert os.waitpid(child, 0)[1] == 0
