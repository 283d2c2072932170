"""Writer of scripts as Microsoft's Script Encoder leaves them: ``.jse``, ``.vbe``, and the scripts of pages."""

import base64
import struct

_PATTERN = "0120121221210212021200122102122100212120200120210212001220012021"
_PLAIN = bytes([9, *range(32, 128)])
_ALPHABETS = (
    bytes.fromhex(
        "377e5a453a7959277663624d515352202654712b662a587f7b30316c493c783e5f4029242f39336f21752842464a5c4836"
        "4b7d5d6a506923097065742c77443f6d7c43385e5b6e574c347225567368554732352e644f3b2d41617a22606b4e3d67"
    ),
    bytes.fromhex(
        "692c65725b66754c45762a43334220634a5a387932576c2b46524f3d703c7b3e51407a7e3b474177565f26786e6474677d"
        "683522553a606a716f495c5d2759257c236d2831397f365434624e305e73094b61244d6b4421375358482e502d293f2f"
    ),
    bytes.fromhex(
        "6450224a615e5d5b426023655f7e4f527a21462026632a7647252c29693c273e674062415a6632734d4371397c53483172"
        "6e70493f4b6a2e7f28357d242d54377b3d6c346d4e2b306f746b4c33563a7857773b442f59455c683658790975385551"
    ),
)
_SIGNS = {10: b"@&", 13: b"@#", 62: b"@*", 60: b"@!", 64: b"@$"}


def encoded_script(content: str, *, before: str = "", after: str = "", newline: str = "\r\n") -> bytes:
    r"""A script as the Script Encoder writes it.

    Args:
        content: the script in plain ASCII, with ``\n`` line ends.
        before: text that stands before the block, such as a page's markup.
        after: text that stands behind it.
        newline: what stands for each line end.
    """
    plain = content.replace("\n", newline).encode("ascii")
    body = b"".join(_code(one, int(_PATTERN[place % 64])) for place, one in enumerate(plain))
    block = b"#@~^" + _digits(len(body)) + body + _digits(sum(plain)) + b"^#~@"
    return before.replace("\n", newline).encode() + block + b"\0" * (not after) + after.replace("\n", newline).encode()


def _code(one: int, alphabet: int) -> bytes:
    if one in _SIGNS:
        return _SIGNS[one]
    at = _PLAIN.find(one)
    return _ALPHABETS[alphabet][at : at + 1] if at >= 0 else bytes([one])


def _digits(number: int) -> bytes:
    return base64.b64encode(struct.pack("<I", number))
