"""RTF documents (RTF 1.9.1) with OLE 1.0 objects ([MS-OLEDS] 2.2), plain ones and those whose digits are covered."""

import struct
from collections.abc import Callable, Sequence
from typing import Literal

from emotriage.testing.property_set import ole10native

Cover = Literal["plain", "spaces", "words", "groups", "escapes", "half", "binary", "upr"]
_CODE = "cp1252"


def rtf(
    text: str = "",
    *,
    objects: Sequence[bytes] = (),
    words: str = "objemb",
    class_name: str = "",
    cover: Cover = "plain",
    pictures: Sequence[bytes] = (),
    picture: str = "pngblip",
    fields: Sequence[str] = (),
    template: str = "",
    fonts: int = 1,
    header: str = "{\\rtf1\\ansi\\ansicpg1252\\deff0",
    body: str = "",
    closed: bool = True,
) -> bytes:
    r"""An RTF document.

    Args:
        text: of the document; what ASCII has not is written as ``\uN``.
        objects: data of each ``\object``, as `native_object` makes it.
        words: control words of the objects, without the first backslash.
        class_name: what the document says their class is.
        cover: what stands between their digits.
        pictures: data of each ``\pict``.
        picture: control word of the pictures' format.
        fields: instruction of each field.
        template: path or address of the attached template.
        fonts: how many fonts the font table has.
        header: what the document begins with.
        body: RTF as it is, behind everything else.
        closed: the last brace is there.
    """
    table = "".join(f"{{\\f{number}\\fnil Font {number};}}" for number in range(fonts))
    parts = [header, f"{{\\fonttbl{table}}}"]
    if template:
        parts.append(f"{{\\*\\template {_escaped(template)}}}")
    parts += [f"\\pard {_escaped(line)}\\par\n" for line in text.split("\n")]
    parts += [f"{{\\field{{\\*\\fldinst {_escaped(one)}}}{{\\fldrslt Field}}}}\n" for one in fields]
    parts += [f"{{\\pict\\{picture} {one.hex()}}}\n" for one in pictures]
    out = [part.encode(_CODE) for part in parts]
    named = f"{{\\*\\objclass {class_name}}}" if class_name else ""
    for one in objects:
        out.append(f"{{\\object\\{words}{named}{{\\*\\objdata ".encode())
        out.append(_COVERS[cover](one) + b"}}\n")
    out.append(body.encode(_CODE) + (b"}" if closed else b""))
    return b"".join(out)


def native_object(
    class_name: str, data: bytes = b"", *, topic: str = "", linked: bool = False, size: int | None = None
) -> bytes:
    """An object as `rtf` wants it: header, native data, no presentation.

    Args:
        class_name: program id.
        data: native data of an embedded object.
        topic: path or address of a linked one.
        linked: the object lives elsewhere.
        size: of the data, as the header says; by default the truth.
    """
    head = struct.pack("<II", 0x00000501, 1 if linked else 2) + _counted(class_name)
    head += _counted(topic) + _counted("")
    if linked:
        return head + _counted("") + bytes(8)
    return head + struct.pack("<I", len(data) if size is None else size) + data


def native_package(data: bytes, label: str, path: str = "", command: str = "") -> bytes:
    """A file as a Package object; for the arguments see `package_object`."""
    return native_object("Package", ole10native(data, label, path, command)[4:])


def _counted(text: str) -> bytes:
    """LengthPrefixedAnsiString ([MS-OLEDS] 2.1.4)."""
    raw = text.encode(_CODE) + b"\0" if text else b""
    return struct.pack("<I", len(raw)) + raw


def _escaped(text: str) -> str:
    wide = text.encode("utf-16-le", "surrogatepass")
    units = struct.unpack(f"<{len(wide) // 2}H", wide)
    return "".join(_character(unit) for unit in units)


def _character(unit: int) -> str:
    if chr(unit) in "\\{}":
        return "\\" + chr(unit)
    return chr(unit) if unit < 0x80 else f"\\u{unit - 0x10000 if unit > 0x7FFF else unit}?"


def _pairs(data: bytes, between: Callable[[int], str]) -> bytes:
    """Digits with something behind every eighth byte."""
    digits = [f"{byte:02x}" + (between(at) if at % 8 == 3 else "") for at, byte in enumerate(data)]
    return "".join(digits).encode()


def _half(data: bytes) -> bytes:
    """Every now and then a digit too many, which the escape behind it takes away."""
    return _pairs(data, lambda at: f"{at % 10}\\'{at % 90 + 10}")


def _binary(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle].hex().encode() + f"\\bin{len(data) - middle} ".encode() + data[middle:]


_COVERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data.hex().encode(),
    "spaces": lambda data: _pairs(data, lambda at: " \r\n\t"[: at % 5]),
    "words": lambda data: _pairs(data, lambda at: f"\\emotriage{at} "),
    "groups": lambda data: _pairs(data, lambda at: f"{{\\*\\inert{at} 41414{{\\hlsrc 42}}}}"),
    "escapes": lambda data: _pairs(data, lambda at: f"\\'{at % 90 + 10}"),
    "half": _half,
    "binary": _binary,
    "upr": lambda data: b"{\\upr " + _pairs(data, lambda _: "}{\\*\\ud ") + b"}",
}
