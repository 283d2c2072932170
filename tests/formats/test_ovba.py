"""Compressed containers: the same bytes as oletools, and what can be saved where they are damaged."""

import struct
import warnings
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.formats.vba.ovba import CHUNK, decompress, find_containers
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing.ovba_compression import compress, spoil

MIB = 1 << 20
SOURCE = b'Attribute VB_Name = "Module1"\r\nSub Main()\r\n  Debug.Print "emotriage-inert"\r\nEnd Sub\r\n'


def _budget():
    return Budget(Limits())


@cache
def _oracle():
    with warnings.catch_warnings():  # oletools and what it pulls in warn when they are compiled
        warnings.simplefilter("ignore")
        from oletools.olevba import decompress_stream
    return decompress_stream


def _chunk(tokens: bytes) -> bytes:
    return struct.pack("<H", 0xB000 | len(tokens) - 1) + tokens


@given(st.binary(max_size=9000) | st.text("ab \r\n", max_size=9000).map(str.encode), st.booleans())
def test_what_was_compressed_comes_back(data, literal_only):
    found = decompress(compress(data, literal_only=literal_only), _budget(), MIB)
    assert found.anomalies == ()
    assert found.data[: len(data)] == data
    assert not found.data[len(data) :].strip(b"\0")  # a raw last chunk is filled up


@given(st.text("abcdef \r\n", max_size=6000).map(str.encode), st.booleans())
def test_the_same_as_oletools(data, literal_only):
    container = compress(data, literal_only=literal_only)
    if data:  # oletools trips over a container without chunks
        assert decompress(container, _budget(), MIB).data == _oracle()(bytearray(container))


def test_the_examples_of_the_specification():
    packed = bytes.fromhex(
        "01 2F B0 00 23 61 61 61 62 63 64 65 82 66 00 70 61 67 68 69 6A 01 38 08 61 6B 6C 00 30 6D 6E 6F 70 06 71"
        "02 70 04 10 72 73 74 75 76 10 77 78 79 7A 00 3C"
    )
    assert decompress(packed, _budget(), MIB).data == b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
    assert decompress(bytes.fromhex("01 03 B0 02 61 45 00"), _budget(), MIB).data == b"a" * 73


@pytest.mark.parametrize(
    ("container", "code"),
    [
        (b"", "signature-missing"),
        (b"\x02\x00\x00\x00", "signature-missing"),
        (b"\x00" + compress(SOURCE)[1:], "signature-missing"),
        (b"\x01" + _chunk(b"\x01\x00\x00") + compress(SOURCE)[1:], "copy-before-start"),
        (b"\x01" + struct.pack("<H", 0xD005) + b"\0' bad" + compress(SOURCE)[1:], "chunk-signature"),
        (compress(SOURCE)[:-1], "chunk-past-end"),
        (b"\x01" + _chunk(b"\x02a\xff\xff")[:-1], "chunk-past-end"),
        (b"\x01" + _chunk(b"\x02a\xff")[:-1] + b"", "chunk-past-end"),
        (b"\x01" + _chunk(b"\x06a\xff\x0f\xff\x0f"), "chunk-overflow"),
    ],
)
def test_damage_is_named_and_incomplete(container, code):
    found = decompress(container, _budget(), MIB)
    assert code in {one.code for one in found.anomalies}
    assert all(one.incomplete for one in found.anomalies)


@pytest.mark.parametrize("at", [0, 1, 3])
def test_sane_chunks_behind_a_damaged_one_are_read(at):
    lines = [b"x%05d\r\n" % number for number in range(4 * CHUNK // 8)]
    chunks = [compress(b"".join(lines[begin : begin + 512]))[1:] for begin in range(0, len(lines), 512)]
    chunks[at] = b"\x55\x55" + chunks[at][2:]
    found = decompress(b"\x01" + b"".join(chunks), _budget(), MIB)
    assert {one.code for one in found.anomalies} == {"chunk-signature"}
    for number in {0, 1, 2, 3} - {at}:
        assert b"".join(lines[512 * number : 512 * number + 512]) in found.data


@pytest.mark.parametrize("behind", [b"", bytes(40), b"\x13\x37" * 20])
@pytest.mark.parametrize("size", [50, 500, 3000, 5000, 9000])
def test_a_bad_chunk_costs_nothing_but_itself(size, behind):
    text = bytes((at * at * 31 + at * 7) % 89 + 33 for at in range(size))
    container = spoil(compress(text), {"bad-chunk-signature": ""}) + behind
    assert text in decompress(container, _budget(), MIB).data


def test_text_that_is_no_code_is_no_container():
    noise = b"\x01a\xb0 many words in a row that are no program and go on and on " * 80
    assert list(find_containers(Blob(noise), _budget())) == []
    code = b"' aaaaaaaaaaaaaaaaaaaaa\r\nPublic Sub AutoOpen()\r\nEnd Sub\r\n"
    assert list(find_containers(Blob(noise + compress(code)), _budget())) == [len(noise)]


@pytest.mark.parametrize("unit", [b"\x01\x00\xb0", b"\x01\xff\xbf", b"\x01\xff\x3f", b"\x01\xff\xbf\x00aaaaaaaa"])
def test_the_search_costs_what_is_searched(unit):
    def work(count):
        budget = Budget(Limits(work=1 << 40))
        list(find_containers(Blob(unit * count), budget))
        return budget.work

    assert work(20_000) <= 2.2 * work(10_000)


def test_a_size_that_lies_does_not_eat_the_next_chunk():
    text = b"".join(b"x%05d\r\n" % number for number in range(1024))
    first, second = compress(text[:CHUNK])[1:], compress(text[CHUNK:])[1:]
    (header,) = struct.unpack_from("<H", first)
    lying = struct.pack("<H", header + 40) + first[2:]
    found = decompress(b"\x01" + lying + second, _budget(), MIB)
    assert text[CHUNK:] in found.data
    assert any(one.incomplete for one in found.anomalies)


def test_a_bomb_stops_at_the_limit_and_costs_what_it_makes():
    bomb = b"\x01" + _chunk(b"\x02a\xfc\x0f") * 50_000  # 4096 bytes out of six
    budget = _budget()
    found = decompress(bomb, budget, 10 * MIB)
    assert len(found.data) == 10 * MIB
    assert [one.code for one in found.anomalies] == ["output-limit"]
    assert budget.expanded == len(found.data)
    assert budget.work < 100 * MIB


def test_zeros_behind_the_container_are_slack():
    found = decompress(compress(SOURCE) + bytes(5000), _budget(), MIB)
    assert (found.data, found.anomalies) == (SOURCE, ())


@given(st.binary(max_size=3000), st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_no_bytes_raise(data, at, noise):
    container = bytearray(compress(SOURCE * 3 + data))
    container[at : at + len(noise)] = noise
    found = decompress(bytes(container), _budget(), MIB)
    assert len(found.data) <= MIB
    assert decompress(b"\x01" + data, _budget(), MIB).used <= len(data) + 1


@pytest.mark.parametrize("before", [0, 700, MIB - 12, MIB - 5, MIB - 1, MIB + 3])
@pytest.mark.parametrize("container", [compress(SOURCE), b"\x01\xff\x3f" + SOURCE.ljust(CHUNK, b"\0")])
def test_containers_are_found_wherever_they_lie(before, container):
    stream = b"\x11" * before + container + b"\x11" * 300
    assert list(find_containers(Blob(stream), _budget())) == [before]


def test_the_letters_alone_are_no_container():
    assert list(find_containers(Blob(b"Attribute \0Attribut \x01\x20\xa0\x00Attribut"), _budget())) == []
