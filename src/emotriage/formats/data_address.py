"""``data:`` addresses: a whole file written out as an address (RFC 2397, and what browsers read, WHATWG Fetch 6)."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from emotriage.model.limits import Budget

_HEAD = re.compile(r"(?i)[\0-\x20]*data:([^,;]{0,256})((?:;[^,;]{0,256}){0,8}),")


@dataclass(frozen=True, slots=True)
class DataAddress:
    """The file in an address.

    Attributes:
        type: media type in lower case, or nothing.
        content: the bytes; None where they can't be decoded.
    """

    type: str
    content: bytes | None


def read_data_address(address: str, budget: Budget) -> DataAddress | None:
    """The file that a ``data:`` address holds; None for every other address.

    Args:
        address: with entities undone.
        budget: charged for every character.
    """
    head = _HEAD.match(address[:4096])
    if head is None:
        return None
    budget.spend(4 * len(address))
    content = unquote_to_bytes(address[head.end() :])
    if "base64" not in head[2].lower():
        return DataAddress(head[1].strip().lower(), content)
    bare = content.translate(None, b" \t\r\n\x0b\x0c").rstrip(b"=")
    try:
        decoded = base64.b64decode(bare + b"=" * (-len(bare) % 4), altchars=None, validate=True)
    except (binascii.Error, ValueError):
        return DataAddress(head[1].strip().lower(), None)
    return DataAddress(head[1].strip().lower(), decoded)
