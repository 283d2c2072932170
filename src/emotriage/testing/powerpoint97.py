"""PowerPoint 97-2003 presentations ([MS-PPT]): slides of text, actions, stored objects, sane or with one defect."""

import struct
import zlib
from collections.abc import Collection, Sequence
from typing import TypedDict

from emotriage.testing.binary_encryption import Lock, mixed

CLSID = "64818d10-4f9b-11cf-86ea-00aa00b929e8"
DEFECTS = {
    "record-past-end": "the last record of the document claims to be longer than the stream",
    "hidden-objects": "stored objects lie inside of an atom, where only the persist directory leads to",
    "broken-object": "compressed objects break off in the middle",
    "edit-lost": "the stream Current User points to no edit",
}
_ACTIONS = {"macro": 1, "program": 2, "link": 4}


class SlideAction(TypedDict, total=False):
    """An action as recipes spell it: ``what`` is ``program``, ``macro`` or ``link``."""

    what: str
    target: str
    hover: bool


def powerpoint97_streams(
    text: str,
    *,
    stored: Sequence[bytes] = (),
    actions: Sequence[SlideAction] = (),
    files: Sequence[bytes] = (),
    compressed: bool = True,
    password: str | None = None,
    defects: Collection[str] = (),
) -> dict[str, bytes]:
    r"""The streams of a presentation.

    Args:
        text: of its slides, with ``\n`` between them.
        stored: compound files of macros and embedded objects.
        actions: of shapes.
        files: content of further records, such as archives of a theme.
        compressed: stored objects are.
        password: encrypts all objects by CryptoAPI.
        defects: words of `DEFECTS`.

    Raises:
        ValueError: an unknown defect or action.
    """
    if unknown := set(defects) - set(DEFECTS):
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    packed = [_stored(one, compressed=compressed, broken="broken-object" in defects) for one in stored]
    main = _record(0x03E8, 15, 0, _document(actions), _slides(text, files))
    if "record-past-end" in defects:
        main += struct.pack("<HHI", 0, 0x0F9F, 1 << 20)
    document, edit = _saved([main, *packed], password, hide="hidden-objects" in defects)
    token = 0xE391C05F if password is None else 0xF3D1C4DF
    edit = 8 if "edit-lost" in defects else edit
    user = (
        struct.pack("<HHIIIIHHBBH", 0, 0x0FF6, 24, 20, token, edit, 4, 0x3F4, 3, 0, 0) + b"user" + bytes([8, 0, 0, 0])
    )
    return {"PowerPoint Document": document, "Current User": user}


def _record(kind: int, version: int, instance: int, *content: bytes) -> bytes:
    """[MS-PPT] 2.3.1."""
    body = b"".join(content)
    return struct.pack("<HHI", version | instance << 4, kind, len(body)) + body


def _string(text: str, instance: int) -> bytes:
    return _record(0x0FBA, 0, instance, text.encode("utf-16-le", "surrogatepass"))


def _document(actions: Sequence[SlideAction]) -> bytes:
    """The hyperlinks, by number, and what of a shape refers to them."""
    links, shapes = [], []
    for number, one in enumerate(actions, 1):
        what, target = one["what"], one.get("target", "")
        if what not in _ACTIONS:
            raise ValueError(f"an action is one of {', '.join(_ACTIONS)}, not {what!r}")
        named = _string(target, 2) if what == "macro" else b""
        if what != "macro":
            identity = _record(0x0FD3, 0, 0, struct.pack("<I", number))
            links.append(_record(0x0FD7, 15, 0, identity, _string("link", 0), _string(target, 1)))
        atom = struct.pack("<IIBBBBB3x", 0, 0 if named else number, _ACTIONS[what], 0, 0, 0, 0)
        shapes.append(_record(0x0FF2, 15, int(one.get("hover", False)), _record(0x0FF3, 0, 0, atom), named))
    return _record(0x0409, 15, 0, *links) + b"".join(shapes)


def _slides(text: str, files: Sequence[bytes]) -> bytes:
    lines = [_record(0x0FA0, 0, 0, line.encode("utf-16-le", "surrogatepass")) for line in text.split("\n") if line]
    return _record(0x0FF0, 15, 0, *lines) + b"".join(_record(0x040E, 0, 0, one) for one in files)


def _stored(data: bytes, *, compressed: bool, broken: bool) -> bytes:
    if not compressed:
        return _record(0x1011, 0, 0, data)
    packed = zlib.compress(data, 9)
    return _record(0x1011, 0, 1, struct.pack("<I", len(data)), packed[: len(packed) // 2] if broken else packed)


def _saved(objects: Sequence[bytes], password: str | None, *, hide: bool) -> tuple[bytes, int]:
    """The stream with the objects, their directory and the edit; and where that edit is."""
    lock = None if password is None else Lock(password, "cryptoapi")
    out, places = b"", []
    for number, one in enumerate(objects, 1):
        if hide and number > 1:  # in an atom of its own, whose length covers it
            out += struct.pack("<HHI", 0, 0x0F9F, len(one))
        places.append(len(out))
        out += one if lock is None else mixed(one, lock.key_stream(number, len(one)))
    if lock is not None:
        places.append(len(out))
        out += _record(0x2F14, 15, 0, lock.header())
    directory = len(out)
    out += _record(0x1772, 0, 0, struct.pack(f"<{len(places) + 1}I", 1 | len(places) << 20, *places))
    edit = len(out)
    fields = struct.pack("<IHBBIIIIHH", 0, 0, 0, 3, 0, directory, 1, len(places), 1, 0)
    return out + _record(0x0FF5, 0, 0, fields + (struct.pack("<I", len(places)) if lock else b"")), edit
