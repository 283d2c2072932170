"""Property stores of shortcuts, and what else their extra data tells of where they were made."""

import struct
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage import scan
from emotriage.formats.lnk import read_shortcut
from emotriage.formats.lnk.properties import TARGET, read_properties
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import shortcut

NAMED = "d5cdd505-2e9c-101b-9397-08002b2cf9ae"


def storage(form: str, *values: bytes) -> bytes:
    body = b"1SPS" + UUID(form).bytes_le + b"".join(values) + bytes(4)
    return struct.pack("<I", len(body) + 4) + body


def value(number: int, kind: int, data: bytes, name: str = "") -> bytes:
    spelled = name.encode("utf-16-le") + b"\0\0" if name else b""
    body = struct.pack("<IB", len(spelled) or number, 0) + spelled + struct.pack("<HH", kind, 0) + data
    return struct.pack("<I", len(body) + 4) + body


def text(said: str) -> bytes:
    return struct.pack("<I", len(said) + 1) + (said + "\0").encode("utf-16-le")


def read(data: bytes):
    return read_properties(data, Budget(Limits()))


def block(signature: int, content: bytes) -> bytes:
    return struct.pack("<II", 8 + len(content), signature) + content


def indicators(data: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in scan(data, name="a.lnk", plugins=[]).indicators:
        found.setdefault(one.kind, []).append(one.value)
    return found


def test_texts_names_and_guids():
    guid = UUID("11111111-2222-3333-4444-555555555555")
    data = storage(TARGET[0], value(2, 0x1F, text("C:\\a.exe")), value(3, 3, bytes(4)), value(4, 0x48, guid.bytes_le))
    data += storage(NAMED, value(0, 0x1F, text("one"), "Title")) + bytes(4)
    assert [(one.key, one.text) for one in read(data)] == [
        (TARGET, "C:\\a.exe"),
        ((TARGET[0], "4"), str(guid)),
        ((NAMED, "Title"), "one"),
    ]


@given(st.binary(max_size=200))
def test_any_bytes(data):
    read(data)
    read(storage(TARGET[0])[:24] + data)


def test_the_target_of_the_store_is_one_more_place():
    store = storage(TARGET[0], value(2, 0x1F, text(r"C:\Windows\System32\cmd.exe"))) + bytes(4)
    link = read_shortcut(Blob(shortcut(r"C:\a\b.exe", blocks=[block(0xA0000009, store)])), Budget(Limits()))
    assert ("property store", r"C:\Windows\System32\cmd.exe") in link.targets


def test_where_a_shortcut_was_made_is_told():
    folder = UUID("11111111-2222-3333-4444-555555555555")
    found = indicators(shortcut(machine="emotriage", blocks=[block(0xA000000B, folder.bytes_le + bytes(4))]))
    assert found["host"] == ["emotriage"]
    assert found["mac"] == ["02:00:5e:00:00:01"]
    assert found["volume-serial"] == ["5eed1234"]
    assert found["item-list"] == ["1f-2f-31-31-32"]
    assert len(found["object-id"]) == 2
    assert found["known-folder"] == [str(folder)]
    assert found["time"][0] == "2021-01-01T00:00:00Z, 2021-01-01T00:00:00Z, 2021-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("ticks", "said"), [(0, "none"), ((1 << 64) - 1, "0xffffffffffffffff"), (1, "1601-01-01T00:00:00Z")]
)
def test_times_that_are_none_or_beyond_all_calendars(ticks, said):
    assert indicators(shortcut(file_time=ticks))["time"] == [f"{said}, {said}, {said}"]
