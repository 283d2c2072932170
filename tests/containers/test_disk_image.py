"""Disk images: the files of every file system come out whole, whatever the image is wrapped in; nothing loops."""

import random

import pytest

from emotriage import Level, Limits, scan
from emotriage.formats.disk import read_disc, read_disk
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget
from emotriage.testing import disc, disk, document, udf_disc

TEXT = b"Minutes of the meeting\r\n" * 100
FILES = {"minutes.txt": TEXT, "議事録.txt": b"short", "empty.txt": b"", "large.bin": bytes(range(256)) * 40}
MACRO = document("doc", macros={"Module1": 'Sub AutoOpen()\nShell "emotriage-inert"\nEnd Sub\n'})
CONTAINERS = ("", "vhd", "vhd-dynamic", "vhdx")
TABLES = ("", "mbr", "extended", "gpt")


def contents(disk_):
    """Bytes by path of the view that is shown first."""
    (part,) = disk_.parts
    return {
        one.path: part.blob.join(one.pieces).read() if one.content is None else one.content
        for one in part.views[0].entries
    }


def budget():
    return Budget(Limits())


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("partitioned", TABLES)
@pytest.mark.parametrize("system", ["fat", "ntfs"])
def test_every_file_comes_out_of_every_wrapping(system, partitioned, container):
    data = disk(FILES, system=system, partitioned=partitioned, container=container)
    assert contents(read_disk(Blob(data), budget())) == FILES


def test_every_file_comes_out_of_a_disc():
    nested = {**FILES, "a/b/c.txt": b"deep"}
    assert contents(read_disc(Blob(disc(nested)), budget())) == nested
    assert contents(read_disc(Blob(udf_disc(FILES)), budget())) == FILES
    assert {one.upper() for one in nested if one.isascii()} <= contents(
        read_disc(Blob(disc(nested, joliet=False)), budget())
    ).keys()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(disc({"invoice.doc": MACRO}), id="iso"),
        pytest.param(udf_disc({"invoice.doc": MACRO}), id="udf"),
        *(
            pytest.param(disk({"invoice.doc": MACRO}, system=system, container=container), id=f"{system} {container}")
            for system in ("fat", "ntfs")
            for container in CONTAINERS
        ),
    ],
)
def test_a_document_says_in_an_image_what_it_says_bare(data):
    bare = {(one.rule, one.evidence) for one in scan(MACRO, name="invoice.doc", plugins=[]).findings}
    verdict = scan(data, name="image.img", plugins=[])
    (number,) = [one.id for one in verdict.artifacts if one.kind == "ole"]
    assert {(one.rule, one.evidence) for one in verdict.findings if one.artifact == number} == bare
    assert verdict.level >= Level.SUSPICIOUS


def test_a_stream_beside_the_main_one_is_looked_at():
    data = disk({"a.txt": b"hello", "a.txt:payload.doc": MACRO}, system="ntfs")
    verdict = scan(data, name="a.img", plugins=[])
    assert "vba.autorun" in {one.rule for one in verdict.findings}
    assert "a.txt:payload.doc" in {one.name for one in verdict.artifacts}


def test_hidden_by_its_folder():
    files = {"a.lnk": b"x" * 100, "data/run.js": b"var a = 1;"}
    rules = {one.rule for one in scan(disc(files, hidden=["data"]), name="a.iso", plugins=[]).findings}
    assert "image.launches-hidden" in rules


def test_what_systems_keep_for_themselves_hides_nothing_bad():
    files = {"a.txt": b"hello", "$RECYCLE.BIN/setup.exe": b"MZ" + bytes(80)}
    rules = {one.rule for one in scan(disc(files, hidden=["$RECYCLE.BIN"]), name="a.iso", plugins=[]).findings}
    assert not {"image.hidden-member", "image.launches-hidden"} & rules


@pytest.mark.parametrize(
    "build",
    [lambda: disc(FILES | {"a/b.txt": b"b"}, defects=["folder-loop"]), lambda: disk(FILES, defects=["folder-loop"])],
)
def test_a_folder_that_leads_to_itself_is_read_once(build):
    verdict = scan(build(), name="a.img", plugins=[])
    assert "minutes.txt" in {one.name for one in verdict.artifacts}
    assert len(verdict.artifacts) < 20


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (disk(FILES, container="vhd-difference"), "difference to another disk"),
        (disk(FILES, container="vmdk"), "VMDK"),
        (disk(FILES, system="exfat"), "file system exFAT"),
        (udf_disc(FILES, metadata=True), "not plain"),
    ],
)
def test_what_is_not_read_is_named(data, text):
    verdict = scan(data, name="a.img", plugins=[])
    assert verdict.level is Level.UNVERIFIED
    assert any(text in proof.text for one in verdict.gaps for proof in one.evidence)


def test_damage_never_raises_and_never_lists_more_than_the_limit():
    limits = Limits(children=50)
    originals = [
        (read_disc, disc(FILES | {"a/b.txt": b"b"})),
        (read_disc, udf_disc(FILES)),
        *(
            (read_disk, disk(FILES, system=system, partitioned="mbr", container="vhd-dynamic"))
            for system in ("fat", "ntfs")
        ),
        (read_disk, disk(FILES, container="vhdx")),
    ]
    dice = random.Random(5)
    for read, original in originals:
        places = [at for at, byte in enumerate(original[: 1 << 20]) if byte] or [0]
        for _ in range(150):
            data = bytearray(original[: 3 << 20] if len(original) > 3 << 20 else original)
            for _ in range(dice.choice((1, 4, 40))):
                data[dice.choice(places) % len(data)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256)))
            try:
                parts = read(Blob(bytes(data)), Budget(limits)).parts
            except FormatError:
                continue
            for part in parts:
                for view in part.views:
                    assert len(view.entries) <= limits.children * 40
                    for one in view.entries[:10]:
                        part.blob.join(one.pieces).read(0, 64)
