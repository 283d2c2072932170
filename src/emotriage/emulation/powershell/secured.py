"""Secure strings of PowerShell: how they are made, encrypted or not, and the ways back to their text."""

from typing import Any

from emotriage.emulation.powershell.nodes import Walk
from emotriage.emulation.powershell.values import Thing, Value, items_of, octets
from emotriage.emulation.vba.values import UNKNOWN, Unknown
from emotriage.formats.script.secure_string import HEAD, decrypt
from emotriage.model.errors import FormatError

Shell = Any
Line = Any
"""The evaluator and a command of it; they import this module."""
_KIND = "securestring"
_CREDENTIALS = ("pscredential", "networkcredential")


def to_secure_string(shell: Shell, _: str, line: Line) -> Walk:
    """``ConvertTo-SecureString``: what can't be decrypted is not known, and where a key is given, that is a gap."""
    yield from ()
    given = [line.named.get("string"), line.piped, *line.args]
    text = next((one for one in given if isinstance(one, str)), "")
    if any(name.startswith("a") for name in line.named):  # -AsPlainText
        return _secured(text)
    key = next((one for name, one in line.named.items() if name.startswith("k")), None)
    if key is None:
        return UNKNOWN  # under a key of the user's
    data = octets(items_of(key))
    if isinstance(data, Unknown) or not text.strip().startswith(HEAD):
        return UNKNOWN
    try:
        return _secured(decrypt(text, data, shell.budget))
    except FormatError:
        shell.lost = True
        return UNKNOWN


def _secured(text: str) -> Thing:
    return Thing(_KIND, {"text": text, "length": len(text)})


def credential(kind: str, args: list[Value]) -> Value:
    """``New-Object PSCredential(user, secure string)`` and its kin; None for other classes."""
    if not kind.endswith(_CREDENTIALS) or len(args) < 2:
        return None
    secret = args[1]
    text = secret.fields.get("text") if isinstance(secret, Thing) else secret
    return Thing("credential", {"username": args[0], "password": text})


def plain(owner: Value, name: str, args: list[Value]) -> Value:
    """What takes a secure string back to its text; None for everything else.

    Args:
        owner: object that is asked, or the lower-case name of a class.
        name: of the method, in lower case; of the marshal's methods each but those to memory is one back.
        args: what it is given.
    """
    if isinstance(owner, Thing) and owner.kind == "credential" and name == "getnetworkcredential":
        return owner
    given = args[0] if args else None
    if not isinstance(owner, str) or not owner.endswith("interopservices.marshal"):
        return None
    if not isinstance(given, Thing) or given.kind != _KIND:
        return None
    return given if name.startswith("securestringto") else given.fields.get("text")
