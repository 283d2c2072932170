"""The reader of shortcuts: held against LnkParse3, against each defect, and against every cut and many mutants."""

import io
import random
import struct
import warnings

import LnkParse3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.lnk import MAGIC, read_shortcut
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Malformed
from emotriage.model.limits import GIB, MIB, Budget, Limits
from emotriage.testing import shortcut

CMD = r"C:\Windows\System32\cmd.exe"
FULL = shortcut(
    CMD,
    "/k emotriage-inert",
    icon=r"C:\inert\a.ico",
    icon_index=-3,
    show="minimized",
    working_dir=r"C:\inert",
    description="Inert",
    relative_path=r"..\cmd.exe",
    hotkey=0x0653,
    run_as_user=True,
    environment=r"%windir%\System32\cmd.exe",
    icon_environment=r"%windir%\a.ico",
    machine="inert-pc",
    overlay=b"behind the end",
)


class Counting:
    """A store of zeros behind some bytes that knows how much was read of it."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size, self.taken = data, size, 0

    def read(self, offset: int, length: int) -> bytes:
        self.taken += length
        return self.data[offset : offset + length].ljust(length, b"\0")

    def close(self) -> None:
        pass


def read(data: bytes, **limits: int):
    return read_shortcut(Blob(data), Budget(Limits(**limits)))


def codes(link) -> set[str]:
    return {one.code for one in link.anomalies}


def test_all_that_a_shortcut_says():
    link = read(FULL)
    assert link.target == CMD
    assert dict(link.targets) == {
        "IDList": CMD,
        "LinkInfo": CMD,
        "environment block": r"%windir%\System32\cmd.exe",
        "relative path": r"..\cmd.exe",
    }
    strings = link.strings
    assert (strings.arguments, strings.name, strings.working_dir) == ("/k emotriage-inert", "Inert", r"C:\inert")
    assert (link.icon, link.icon_index) == (r"%windir%\a.ico", -3)
    assert (link.show, link.hot_key, link.run_as) == (7, 0x0653, True)
    assert (link.extra.machine, link.extra.mac) == ("inert-pc", "02:00:5e:00:00:01")
    assert FULL[link.end :] == b"behind the end"
    assert FULL[strings.arguments_at :].startswith("/k".encode("utf-16-le"))
    assert link.anomalies == ()
    assert link.specified is None


def test_share_and_unicode_link_info():
    link = read(shortcut(r"\\fileserver\share\résumé\plan.xlsx", link_info_unicode=True))
    assert link.link_info.path == r"\\fileserver\share\résumé\plan.xlsx"
    assert link.target == r"\\fileserver\share\résumé\plan.xlsx"


def test_strings_in_an_ansi_code_page():
    assert read(shortcut(CMD, "/k übung", unicode=False)).strings.arguments == "/k übung"


@pytest.mark.parametrize("count", [259, 260, 261, 300])
def test_windows_stops_a_comment_at_260_characters(count):
    link = read(shortcut(CMD, "/k emotriage-inert", description="A" * count))
    assert (link.specified is None) == (count <= 260)
    if count > 260:
        assert link.specified.arguments == "/k emotriage-inert"
        assert link.strings.name == "A" * 259
        assert "string-over-limit" in codes(link)


def test_arguments_are_not_stopped():
    assert read(shortcut(CMD, " " * 31_000 + "emotriage-inert")).strings.arguments.endswith(" emotriage-inert")


def oracle(data: bytes) -> dict:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LnkParse3.lnk_file(io.BytesIO(data)).get_json()


def test_same_as_lnkparse3_over_all_recipes(samples):
    compared = 0
    for name, (_, data) in samples.items():
        if not data.startswith(MAGIC) or not 0x4C <= len(data) <= MIB:
            continue
        link = read(data)
        if any(one.incomplete or one.code == "string-over-limit" for one in link.anomalies):
            continue
        theirs, compared = oracle(data), compared + 1
        said, extra = theirs["data"], theirs["extra"]
        assert link.flags == theirs["header"]["r_link_flags"], name
        assert link.hot_key == theirs["header"]["r_hotkey"], name
        assert link.strings.arguments == said.get("command_line_arguments", ""), name
        assert link.strings.name == said.get("description", ""), name
        assert link.strings.working_dir == said.get("working_directory", ""), name
        assert link.strings.relative_path == said.get("relative_path", ""), name
        assert link.strings.icon == said.get("icon_location", ""), name
        block = extra.get("ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK", {})
        assert link.extra.environment == block.get("target_unicode", ""), name
        assert link.extra.machine == extra.get("DISTRIBUTED_LINK_TRACKER_BLOCK", {}).get("machine_identifier", ""), name
        local = (theirs.get("link_info") or {}).get("local_base_path") or ""
        assert (link.link_info.local_path if link.link_info else "") == local, name
        items = [one for one in (theirs.get("target") or {}).get("items", []) if one["class"] == "File entry"]
        ours = [one.short_name or one.name for one in link.items if 0x30 <= one.kind < 0x40]
        assert ours == [one["primary_name"] for one in items], name
        behind = extra.get("TERMINAL_BLOCK", {}).get("size", 0)
        assert bool(len(data) - link.end) == bool(behind), name
    assert compared > 50


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ("item-size-zero", "id-list-item-size"),
        ("item-past-list", "id-list-item-size"),
        ("list-past-end", "past-end"),
        ("link-info-offsets", "link-info-offset"),
        ("string-past-end", "past-end"),
        ("block-past-end", "past-end"),
    ],
)
def test_defects_leave_a_gap_and_what_was_read(defect, code):
    link = read(shortcut(CMD, "/k emotriage-inert", machine="inert", defect=defect))
    assert code in {one.code for one in link.anomalies if one.incomplete}


def test_without_its_header_it_is_no_shortcut():
    for data in (b"", FULL[:0x4B], shortcut(CMD, defect="clsid"), b"MZ" + FULL[2:]):
        with pytest.raises(Malformed):
            read(data)


def test_a_terminal_block_of_three_bytes_ends_it():
    link = read(shortcut(CMD, defect="block-size-three", overlay=b"X" * 40))
    assert link.anomalies == ()


def test_no_terminal_block_is_odd_but_no_gap():
    link = read(shortcut(CMD, defect="no-terminal-block"))
    assert codes(link) == {"no-terminal-block"}
    assert not any(one.incomplete for one in link.anomalies)


def test_a_hundred_thousand_unknown_blocks_end_in_a_gap():
    block = struct.pack("<II", 8, 0xDEADBEEF)
    link = read(shortcut(CMD)[:-4] + block * 100_000 + bytes(4) + b"overlay")
    assert "too-many-blocks" in codes(link)
    assert len(link.extra.blocks) <= 256
    assert link.end == len(shortcut(CMD)) + 800_000


def test_sixty_five_thousand_items_end():
    items = b"\x03\x00\x1f" * 21_000 + b"\0\0"
    data = MAGIC + struct.pack("<I", 1) + bytes(0x4C - 24) + struct.pack("<H", len(items)) + items + bytes(4)
    assert len(read(data).items) == 21_000


def test_a_list_of_items_costs_budget():
    items = b"\x03\x00\x1f" * 21_000 + b"\0\0"
    data = MAGIC + struct.pack("<I", 1) + bytes(0x4C - 24) + struct.pack("<H", len(items)) + items + bytes(4)
    with pytest.raises(BudgetSpent):
        read(data, work=1000)


def test_a_giant_costs_a_few_windows():
    store = Counting(FULL, GIB)
    link = read_shortcut(Blob(store), Budget(Limits()))
    assert link.end < 10_000
    assert store.taken < MIB


def test_ansi_and_unicode_that_differ():
    link = read(shortcut(CMD, environment=r"%windir%\a.exe", environment_ansi=r"%windir%\b.exe"))
    assert "ansi-unicode-differ" in codes(link)


@pytest.mark.parametrize("length", range(0, len(FULL), 7))
def test_cut_anywhere(length):
    cut = FULL[:length]
    if length < 0x4C:
        with pytest.raises(Malformed):
            read(cut)
        return
    link = read(cut)
    whole = len(FULL) - len(b"behind the end") - 4
    assert link.end <= length
    if length < whole and link.end != length:
        assert any(one.incomplete for one in link.anomalies)


def test_mutants_raise_nothing():
    rng = random.Random(1)
    for _ in range(400):
        data = bytearray(FULL)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(20, len(data))] = rng.randrange(256)
        link = read(bytes(data))
        assert 0 <= link.end <= len(data)


@given(st.binary(max_size=600))
def test_any_bytes_behind_the_magic(tail):
    link = read(MAGIC + tail.ljust(0x4C, b"\0"))
    assert isinstance(link.target, str)
