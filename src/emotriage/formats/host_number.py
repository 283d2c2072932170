"""Hosts that are numbers in disguise: hexadecimal, octal, one number for all (WHATWG URL, "IPv4 parser")."""

import re

_HOST = re.compile(r"(?i)^([a-z][a-z0-9+.-]{0,15}:[/\\]{2}(?:[^/\\@?#]{0,256}@)?)([0-9a-fx.]{1,64})(?=[:/\\?#]|$)")


def in_plain_numbers(url: str) -> str:
    """The same address with its host as four decimal numbers; empty where it is no number, or stands so already."""
    found = _HOST.match(url)
    if found is None:
        return ""
    number = _address(found[2].lower())
    if number is None:
        return ""
    dotted = ".".join(str(number >> shift & 0xFF) for shift in (24, 16, 8, 0))
    return "" if dotted == found[2] else found[1] + dotted + url[found.end() :]


def _address(host: str) -> int | None:
    """The 32 bits that a host means."""
    parts = host.removesuffix(".").split(".")
    values = [_number(part) for part in parts]
    if not 1 <= len(parts) <= 4 or any(one is None for one in values):
        return None
    known = [one for one in values if one is not None]
    last = known.pop()
    if any(one > 0xFF for one in known) or last >= 256 ** (5 - len(parts)):
        return None
    return last + sum(one << 8 * (3 - at) for at, one in enumerate(known))


def _number(text: str) -> int | None:
    """Hexadecimal behind 0x, octal behind 0, else decimal."""
    try:
        if text.startswith("0x"):
            return int(text[2:] or "0", 16)
        return int(text, 8 if len(text) > 1 and text[0] == "0" else 10)
    except ValueError:
        return None
