"""Bytes that read like machine code, and bytes that do not."""

import random

import pytest

from emotriage.formats.machine_code import SHORTEST, is_machine_code

BODY = bytes(range(256))
CODE = {
    "call over data": b"\xfc\xe8\x82\x00\x00\x00",
    "call, 64 bits": b"\xfc\x48\x83\xe4\xf0\xe8",
    "no-operations": b"\x90" * 40 + b"\xeb\x10",
    "frame": b"\x55\x8b\xec\x83\xec\x20",
    "where am I": b"\xda\xc1\xd9\x74\x24\xf4",
    "environment": b"\x00\x01\x64\xa1\x30\x00\x00\x00\x8b\x40\x0c",
    "environment, 64 bits": b"\x00\x01\x65\x48\x8b\x52\x60",
}


@pytest.mark.parametrize("begin", CODE)
def test_code_is_code(begin):
    assert is_machine_code(CODE[begin] + BODY)
    assert not is_machine_code((CODE[begin] + BODY)[: SHORTEST - 1])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(4096),
        b"\xeb\x02" * 400,
        b"1\xc0 is text, and so is all that follows it in this long line of words.".ljust(200, b"."),
        BODY,
        b"MZ" + bytes(100),
    ],
)
def test_other_bytes_are_not(data):
    assert not is_machine_code(data)


def test_noise_is_seldom_taken_for_code():
    noise = random.Random(7)
    assert sum(is_machine_code(noise.randbytes(256)) for _ in range(2000)) < 40
