"""Where a path or an address leads: nowhere else, into the same network, or out of it."""

import re
from typing import Literal
from urllib.parse import unquote

Distance = Literal["local", "intranet", "remote"]

_JUNK = "".join(map(chr, range(0x21))) + "\u00a0\u3000\ufeff\"'"
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z][:|]", re.IGNORECASE)
_HANDLERS = frozenset(
    {"mhtml", "ms-msdt", "search-ms", "ms-search", "ms-officecmd", "ms-appinstaller", "script", "x-usc", "ms-its", "mk"}
)
_INDIRECT = re.compile(r"!x-usc:|(?:^|[^a-z])(?:mhtml|ms-msdt|x-usc|script):", re.IGNORECASE)
_HERE = frozenset({"", ".", "?", "localhost", "127.0.0.1", "[::1]"})


def distance(target: str) -> Distance:
    r"""How far away a target is.

    ``http:`` and every other scheme but ``file:`` is remote; so is a share whose host has a dot, is a number or has a
    port or ``@SSL`` behind it (WebDAV). A share by a short name (``\\server\x``) is of the same network.
    """
    text = unquote(target).strip(_JUNK).replace("\\", "/")
    if _DRIVE.match(text):
        return "local"
    if (scheme := _SCHEME.match(text)) is None:
        if text.lower().startswith(("http", "ftp")) and "//" in text:  # damaged on its way, but meant
            return "remote"
        return _share(text[2:]) if text.startswith("//") else "local"
    if scheme[0].lower() != "file:":
        return "remote"
    path = text[scheme.end() :]
    slashes = len(path) - len(path.lstrip("/"))
    return "local" if slashes in (0, 1, 3) or _DRIVE.match(path.lstrip("/")) else _share(path.lstrip("/"))


def asks_handler(target: str) -> bool:
    """True for an address, or one inside it, of a protocol handler that runs programs."""
    text = unquote(target)
    scheme = _SCHEME.match(text.lstrip())
    return (scheme is not None and scheme[0][:-1].lower() in _HANDLERS) or _INDIRECT.search(text) is not None


def _share(path: str) -> Distance:
    host = path.partition("/")[0].lower()
    if host in _HERE:
        return "local"
    return "remote" if any(one in host for one in ".@[:") or host.isdigit() or host.startswith("0x") else "intranet"
