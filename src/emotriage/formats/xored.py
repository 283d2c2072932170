"""Addresses in bytes that are XORed with a key of one, two or four bytes over and over, as code hides its data.

Two letters that are as far apart as the key is long differ by what the letters themselves differ by, whatever the key
is. So one pass over the differences finds the beginning of an address under every key at once.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from emotriage.model.limits import RECORD, Budget

_KEY = 4
_SCHEMES = (b"http://", b"https://")
_ADDRESS = re.compile(
    rb"https?://(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{1,63}(?::\d{1,5})?(?=[/?\0-\x20]|$)[\x21-\x7e]{0,1024}"
)
_LONGEST = 1200
_MOST = 64


class HiddenAddress(NamedTuple):
    """An address, where it begins, and the key that it was under."""

    offset: int
    key: bytes
    address: str


def hidden_addresses(data: bytes, budget: Budget) -> Iterator[HiddenAddress]:
    """Addresses of web servers under a short key; those that stand in plain letters are left out.

    Args:
        data: at most some 64 KiB.
        budget: charged for every byte.
    """
    budget.spend(8 * len(data))
    size = len(data) - _KEY
    if size <= 0:
        return
    apart = (int.from_bytes(data[:size], "big") ^ int.from_bytes(data[_KEY:], "big")).to_bytes(size, "big")
    tried = 0
    for scheme in _SCHEMES:
        wanted = bytes(one ^ other for one, other in zip(scheme, scheme[_KEY:], strict=False))
        at = apart.find(wanted)
        while at >= 0 and tried < _MOST:
            tried += 1
            budget.spend(RECORD + _LONGEST)
            key = bytes(one ^ other for one, other in zip(data[at : at + _KEY], scheme, strict=False))
            if any(key) and (found := _ADDRESS.match(_opened(data[at : at + _LONGEST], key))) is not None:
                yield HiddenAddress(at, key, found.group().decode("ascii"))
            at = apart.find(wanted, at + 1)


def _opened(data: bytes, key: bytes) -> bytes:
    mask = (key * (len(data) // _KEY + 1))[: len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(mask, "big")).to_bytes(len(data), "big")
