"""The caller's candidate passwords: from the command line and from a file."""

import os
from collections.abc import Sequence

from emotriage.model.errors import UsageError
from emotriage.model.settings import read_small


def caller_passwords(given: Sequence[str], files: Sequence[str]) -> tuple[str, ...]:
    """Candidates in the order in which they are tried: those of the command line, then those of the files.

    Raises:
        UsageError: a file that can't be read, or a text that is neither UTF-8 nor code page 932.
    """
    found = [_decoded(os.fsencode(one), "--password") if _is_raw(one) else one for one in given]
    for path in files:
        found += _lines(path)
    return tuple(dict.fromkeys(one for one in found if one.strip()))


def _is_raw(text: str) -> bool:
    """Did the bytes of the command line not fit the terminal's encoding?"""
    return any("\udc80" <= char <= "\udcff" for char in text)


def _lines(path: str) -> list[str]:
    """One password a line, blanks at either end included; lines without anything else are left out."""
    if path == "-":
        raise UsageError("--passwords-from takes a file; standard input is for what is scanned")
    text = _decoded(read_small(path), path)
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decoded(raw: bytes, where: str) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError(f"{where}: neither UTF-8 nor code page 932")
