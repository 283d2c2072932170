"""Addresses under short keys: found under every key, made up in no noise; readings of sector numbers past 32 bits."""

import struct
from random import Random

import pytest

from emotriage.formats.cfb import read_compound_file
from emotriage.formats.xored import hidden_addresses
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import compound_file

ADDRESSES = [
    "http://host.invalid/one.bin",
    "https://198.51.100.7/x",
    "http://198.51.100.7:8080",
    "https://a.host.invalid",
]


def found(data):
    return list(hidden_addresses(data, Budget(Limits())))


@pytest.mark.parametrize("key", [b"\x41", b"\x12\x34", b"\xde\xad\xbe\xef", b"\x00\x00\x00\x01"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_under_a_short_key(key, address):
    noise = Random(1).randbytes(300)
    hidden = bytes(one ^ key[at % len(key)] for at, one in enumerate(address.encode() + bytes(9)))
    (one,) = found(noise[:33] + hidden + noise[33:])
    assert (one.offset, one.address) == (33, address)


@pytest.mark.parametrize("data", [b"", b"htt", b"http://host.invalid/plain " * 3, bytes(60_000), b"AB" * 30_000])
def test_what_hides_no_address(data):
    assert found(data) == []


def test_noise_holds_none_and_costs_little():
    spent = Budget(Limits())
    noise = Random(2)
    assert not [one for _ in range(20) for one in hidden_addresses(noise.randbytes(60_000), spent)]
    assert spent.work < 20 * 60_000 * 20
    assert len(found(b"\1\2\3\4http" * 8000)) == 0


def test_a_sector_of_the_allocation_table_counts_as_in_32_bits():
    data = bytearray(compound_file({"Equation Native": b"emotriage-inert".ljust(5000, b"."), "Other": b"x"}))
    (sector,) = struct.unpack_from("<I", data, 76)
    struct.pack_into("<I", data, 76, sector + (1 << 23))
    compound = read_compound_file(Blob(bytes(data)), Budget(Limits()))
    assert compound.open(compound.find("Equation Native")).read(0, 15) == b"emotriage-inert"
    assert ("fat-out-of-range", True) in {(one.code, one.incomplete) for one in compound.anomalies}
    struct.pack_into("<I", data, 76, 0x00F00000)
    lost = read_compound_file(Blob(bytes(data)), Budget(Limits()))
    assert "fat-out-of-range" in {one.code for one in lost.anomalies}
