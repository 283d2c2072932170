"""Each parser on damaged samples: nothing but its own exceptions escapes, and work grows no faster than the input."""

import random
from functools import cache

import pytest

from emotriage.model.blob import Blob
from emotriage.testing import Recipe
from fuzz.targets import parsers, run, targets
from laws.call_sites import FORMATS, HOMES, hooked
from laws.faults import looked_at
from laws.mutation import mutants

WITHIN = {
    "rtf.text.resolved": "rtf.read_rtf",
    "excel.biff_old.read_old_workbook": "excel.biff8.read_workbook",
    "rar.content.unpack": "rar members",
    "rar.content.unread": "rar members",
    "rar.opens": "rar.read_rar",
    "sevenzip.opens": "sevenzip.read_sevenzip",
    "sevenzip.coders.decoded": "sevenzip.read_sevenzip",
    "cfb.directory.build_tree": "cfb.read_compound_file",
    "cfb.directory.read_entries": "cfb.read_compound_file",
    "cfb.header.read_fat": "cfb.read_compound_file",
    "cfb.header.read_header": "cfb.read_compound_file",
    "cfb.sectors.sector_count": "cfb.read_compound_file",
    "ole.application.object_title": "ole.application.applications",
    "onenote.objects.packaged_objects": "onenote.read_notebook",
    "onenote.objects.read_store": "onenote.read_notebook",
    "onenote.page.arrange": "onenote.read_notebook",
    "onenote.page.covers": "onenote.read_notebook",
    "ooxml.fields.instructions": "ooxml.fields.dde_fields",
    "vba.decompile.decompile": "vba.pcode.read_code",
}
"""Parts of a parser that take what it has read so far, and the target that leads to them."""

BEHIND_A_LOCK = frozenset(
    {
        "office_crypto.is_affordable",
        "office_crypto.open_lock",
        "office_crypto.hash.spin",
        "office_crypto.package.decrypted_package",
        "office_crypto.powerpoint.clear_presentation",
        "office_crypto.powerpoint.read_presentation_lock",
        "office_crypto.rc4.open_rc4",
        "office_crypto.word.open_word",
        "office_crypto.word.read_word_lock",
        "pdf.crypt.open_lock",
        "zip.aes.authentic",
        "zip.aes.decrypted",
        "zip.key.packed_in_clear",
    }
)
"""What needs a lock and a key; mutants of the encrypted samples come there."""

SEEDS, LARGEST = 10, 24 << 10
FEW, MANY = 200, 4000
SHARDS = 8
STEP = 8 << 10
FLOOR = 300_000
"""Work that a parser may spend on any input at all, however short."""
NAMES = sorted(targets())


@cache
def _seeds(held):
    """What each parser was given while the samples were scanned."""
    by_place: dict[str, set[bytes]] = {name: set() for name in NAMES}
    names = {name.rpartition(".")[2] for name in NAMES}

    def hook(real, args, kwargs, name, frame):
        place = f"{real.__module__.removeprefix(f'{FORMATS}.')}.{real.__name__}"
        if place in by_place and args:
            first = args[0]
            blob = getattr(first, "blob", getattr(getattr(first, "archive", None), "blob", first))
            data = blob.read(0, LARGEST + 1) if isinstance(blob, Blob) else blob
            if isinstance(data, str):
                data = data.encode("latin-1", "replace")
            if isinstance(data, bytes) and 0 < len(data) <= LARGEST:
                by_place[place].add(data)
        return real(*args, **kwargs)

    with hooked(hook, (*HOMES, FORMATS), names):
        for recipe, data in list(held.samples.values())[::2]:
            if len(data) <= 2 * LARGEST:
                looked_at(recipe, data)
    for found in by_place.values():
        found.add(b"emotriage")
    return {name: sorted(found, key=lambda one: (len(one), one)) for name, found in by_place.items()}


class _Held:
    """The samples, as something that can be a key."""

    def __init__(self, samples):
        self.samples = samples

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return isinstance(other, _Held)


@pytest.fixture
def seeds(samples):
    """Name of a target to what it starts from: small inputs, and some spread over all that were seen."""
    found = _seeds(_Held(samples))
    whole = [data for _, data in samples.values() if len(data) <= LARGEST]

    def some(name):
        rng = random.Random(name)
        mine = found[name] if len(found[name]) > 1 else whole
        return rng.sample(mine, min(SEEDS, len(mine)))

    return some


def _pool(inputs):
    return [(Recipe(name=f"seed-{number}", summary="", file="", build={}), one) for number, one in enumerate(inputs)]


def test_every_parser_is_a_target():
    known = {name for name, _ in parsers()}
    assert sorted(known - set(NAMES) - set(WITHIN) - BEHIND_A_LOCK) == []
    assert set(WITHIN.values()) <= set(NAMES)
    assert set(WITHIN) <= known


def _fuzz(names, seeds, count):
    for name in names:
        inputs = seeds(name)
        for one in inputs:
            run(name, one)
        for what, _, data in mutants(_pool(inputs), count, f"fuzz {name}"):
            try:
                run(name, data)
            except Exception as error:
                raise AssertionError(f"{name} on {what}: {data[:64].hex()}") from error


@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_else_escapes(seeds, shard):
    _fuzz(NAMES[shard::SHARDS], seeds, FEW)


@pytest.mark.long
@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_else_escapes_from_many(seeds, shard):
    _fuzz(NAMES[shard::SHARDS], seeds, MANY)


def _families(inputs):
    """Ways to grow: a function from a size to an input of about that size, by name."""
    for number, one in enumerate(inputs):
        yield f"seed {number} over and over", lambda size, one=one: one * max(size // len(one), 1)
        yield f"seed {number} and zeros", lambda size, one=one: one + bytes(size)
        head, tail = one[: len(one) // 2], one[len(one) // 2 :]
        block = one[len(one) // 3 : len(one) // 3 + 64] or one
        yield (
            f"seed {number} with a block over and over",
            lambda size, head=head, tail=tail, block=block: head + block * max(size // len(block), 1) + tail,
        )
    for piece in (
        b"<a>",
        b"<a b='",
        b"((",
        b"{\\x",
        b"/A<<",
        b"1 0 obj ",
        b"&a;",
        b"\r\n--b\r\n",
        b"%1",
        b"a@",
        b'"&"',
    ):
        yield f"{piece!r} over and over", lambda size, piece=piece: piece * (size // len(piece))
    for byte in (0, 1, 0x41, 0x80, 0xFF):
        yield f"byte {byte:#04x}", lambda size, byte=byte: bytes([byte]) * size
    yield "noise", lambda size: random.Random(size).randbytes(size)


def _steps(name, grown, times):
    """(size, work) of a family's inputs at some sizes."""
    inputs = [grown(STEP * one) for one in times]
    return [(len(one), run(name, one, 1 << 32).work) for one in inputs]


def _is_steep(steps):
    """True where the last step costs much more than the input grows."""
    (before, less), (after, more) = steps[-2:]
    return more > 1.4 * max(after / before, 1.0) * max(less, FLOOR)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_work_grows_no_faster_than_the_input(seeds, shard):
    """What only looks steep at small sizes, where a threshold is passed, is looked at again at larger ones."""
    wrong = []
    for name in NAMES[shard::SHARDS]:
        for family, grown in _families(seeds(name)[:4]):
            if _is_steep(_steps(name, grown, (1, 2))) or _is_steep(_steps(name, grown, (2, 4))):
                steps = _steps(name, grown, (8, 16, 32))
                if _is_steep(steps) and _is_steep(steps[:2]):
                    wrong.append(f"{name} on {family}: (size, work) {steps}")
    assert wrong == []


def test_a_target_lets_only_its_own_exceptions_escape(monkeypatch):
    """The harness itself: a planted bug is not taken for a parser's answer."""

    def bug(data, budget):
        raise KeyError("planted")

    monkeypatch.setitem(targets(), "planted", bug)
    with pytest.raises(KeyError):
        run("planted", b"x")


def test_targets_start_from_what_scans_give_the_parsers(seeds):
    """Else the fuzzing would never come past the first check of a magic number."""
    own = [name for name in NAMES if len(_seeds(_Held({}))[name]) > 1]
    assert len(own) > len(NAMES) // 2
