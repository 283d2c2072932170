"""Names of streams in Windows Installer packages: two letters of 64 in one character ([MS-CFB] leaves names free).

The coding is that of ``encode_streamname`` in Wine's reimplementation of msi.dll.
"""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._"
_PAIRS, _SINGLES, _TABLE = 0x3800, 0x4800, 0x4840


def is_packed(name: str) -> bool:
    """True for a name that begins as such names do."""
    return bool(name) and _PAIRS <= ord(name[0]) <= _TABLE


def is_table(name: str) -> bool:
    """True for the stream of a table; others hold files and binaries."""
    return name.startswith(chr(_TABLE))


def unpacked_name(name: str) -> str:
    """The name as the package's author gave it; other characters stand for themselves."""
    out = []
    for one in name.removeprefix(chr(_TABLE)):
        code = ord(one)
        if _PAIRS <= code < _SINGLES:
            out += [_LETTERS[code - _PAIRS & 0x3F], _LETTERS[code - _PAIRS >> 6]]
        elif _SINGLES <= code < _TABLE:
            out.append(_LETTERS[code - _SINGLES])
        else:
            out.append(one)
    return "".join(out)
