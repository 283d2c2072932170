"""Types and objects of .NET that scripts use: conversions, encodings, streams that unpack, texts, and the network."""

import base64
import binascii
import math
import zlib
from collections.abc import Callable
from typing import Any

from emotriage.emulation.powershell.values import (
    LONGEST,
    Char,
    Method,
    Script,
    Thing,
    Type,
    Value,
    formatted,
    items_of,
    number_of,
    octets,
    pattern,
    replaced,
    text_of,
)  # fmt: skip
from emotriage.emulation.vba.values import UNKNOWN, Unknown
from emotriage.model.limits import Budget

_INFLATED = 4 << 20
_ENCODINGS = {
    "unicode": "utf-16-le", "bigendianunicode": "utf-16-be", "utf8": "utf-8", "ascii": "ascii", "utf7": "utf-7",
    "utf32": "utf-32-le", "default": "cp1252", "latin1": "latin-1",
}  # fmt: skip
_MATH: dict[str, Callable[..., Value]] = {"abs": abs, "max": max, "min": min, "round": round, "floor": math.floor}
_WEB = ("downloadstring", "downloadfile", "downloaddata", "downloadstringasync", "downloadfileasync", "openread",
        "downloadstringtaskasync", "downloadfiletaskasync", "downloaddatataskasync", "getstringasync",
        "getbytearrayasync", "uploadstring", "uploaddata", "open", "navigate")  # fmt: skip


def cast(name: str, value: Value) -> Value:
    """``[name]value``."""
    name = name.removeprefix("system.")
    if isinstance(value, Unknown):
        return UNKNOWN
    if name == "char":
        if isinstance(value, str):
            return Char(value) if len(value) == 1 else cast("char", number_of(value)) if value.isdigit() else UNKNOWN
        number = number_of(value)
        return Char(chr(int(number) & 0xFFFF)) if not isinstance(number, Unknown) else UNKNOWN
    if name == "char[]":
        if isinstance(value, list | bytes):
            return [cast("char", one) for one in value]
        return [Char(one) for one in text_of(value)] if isinstance(value, str) else [cast("char", value)]
    if name in ("int", "int32", "int64", "long", "byte", "uint32", "uint16", "int16", "double", "float", "decimal"):
        number = number_of(value)
        return number if isinstance(number, Unknown) or name in ("double", "float", "decimal") else round(number)
    if name in ("int[]", "int32[]"):
        return [number_of(one) for one in items_of(value)]
    if name == "byte[]":
        return value if isinstance(value, bytes) else octets(items_of(value))
    if name in ("string", "text.stringbuilder"):
        return text_of(value)
    if name in ("string[]", "object[]", "array"):
        return [text_of(one) for one in items_of(value)] if name == "string[]" else list(items_of(value))
    if name in ("type", "scriptblock"):
        return Type(text_of(value).lower().removeprefix("system.")) if name == "type" else value
    if name == "io.memorystream":
        return Thing("stream", {"data": octets(items_of(value))})
    return value


def static(kind: str, name: str, args: list[Value], budget: Budget) -> Value:
    """``[kind]::name(args)``; None where nobody knows."""
    texts = [text_of(one) for one in args]
    first = texts[0] if texts else ""
    if kind == "convert":
        return _converted(name, args, budget)
    if kind in ("string", "char"):
        if name == "join" and len(args) > 1:
            return first.join(text_of(one) for one in (items_of(args[1]) if len(args) == 2 else args[1:]))[:LONGEST]
        if name == "concat":
            return "".join(text_of(one) for arg in args for one in items_of(arg))[:LONGEST]
        if name == "format":
            return formatted(first, args[1] if len(args) == 2 and isinstance(args[1], list) else args[1:])
        if name == "new":
            return "".join(text_of(one) for one in items_of(args[0])) if args else ""
        if name == "isnullorempty":
            return not first
        if name == "convertfromutf32":
            return cast("char", args[0]) if args else UNKNOWN
    if kind in ("regex", "text.regularexpressions.regex"):
        if name == "replace" and len(texts) > 2:
            if "righttoleft" in texts[-1].lower():
                found = [one[0] for one in pattern(texts[1]).finditer(first)]
                return "".join(replaced(one, texts[1], texts[2]) for one in reversed(found))
            return replaced(first, texts[1], texts[2])
        if name == "split" and len(texts) > 1:
            return pattern(texts[1]).split(first)
        if name == "matches" and len(texts) > 1:
            out = [one[0] for one in pattern(texts[1], 0).finditer(first)]
            return out[::-1] if len(texts) > 2 and "right" in texts[2].lower() else out
        if name == "unescape":
            return first.replace("\\", "")
    if kind == "array" and name == "reverse" and args and isinstance(args[0], list):
        args[0].reverse()
        return None
    if kind == "math" and (does := _MATH.get(name)) is not None:
        numbers = [number_of(one) for one in args]
        return does(*numbers) if numbers and not any(isinstance(one, Unknown) for one in numbers) else UNKNOWN
    if kind == "environment" and name in ("getfolderpath", "getenvironmentvariable", "expandenvironmentvariables"):
        return first if name.startswith("expand") else f"%{first}%"
    if kind == "io.path" and name in ("combine", "gettemppath", "getrandomfilename", "gettempfilename"):
        return {"combine": "\\".join(texts), "gettemppath": "%TEMP%\\"}.get(name, "rad0A1B2.tmp")
    if kind == "bitconverter" and name == "tostring" and args and isinstance(args[0], bytes):
        return args[0].hex("-").upper()
    if kind in ("web.httputility", "uri", "net.webutility") and name in ("unescapedatastring", "urldecode"):
        from urllib.parse import unquote

        return unquote(first)
    return UNKNOWN


def encoding_of(name: str) -> str:
    """Python's name of an encoding that ``[Text.Encoding]`` has as a property, or that is made by its name."""
    return _ENCODINGS.get(name.replace("-", "").replace("_", "").lower(), "")


def _converted(name: str, args: list[Value], budget: Budget) -> Value:
    text = text_of(args[0]) if args else ""
    if name == "frombase64string":
        budget.spend(2 * len(text))
        return decoded(text)
    if name == "tobase64string" and args and isinstance(args[0], bytes):
        return base64.b64encode(args[0]).decode()
    base = number_of(args[1]) if len(args) > 1 else 10
    if name in ("toint32", "tobyte", "toint16", "toint64", "touint32") and isinstance(base, int):
        if isinstance(args[0], Char) or not isinstance(args[0], str):
            return number_of(args[0])
        try:
            return int(text.strip()[:64], base if base in (2, 8, 10, 16) else 10)
        except ValueError:
            return UNKNOWN
    if name == "tochar" and args:
        return cast("char", args[0])
    if name == "tostring" and args:
        number = number_of(args[0])
        if len(args) > 1 and isinstance(number, int):
            return {2: f"{number:b}", 8: f"{number:o}", 16: f"{number:x}"}.get(base, str(number))
        return text
    return UNKNOWN


def decoded(text: str) -> bytes | Unknown:
    """What base64 stands for."""
    bare = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError):
        return UNKNOWN


def made(kind: str, args: list[Value], budget: Budget) -> Value:
    """``New-Object kind(args)`` and ``[kind]::new(args)``."""
    kind = kind.lower().removeprefix("system.").strip("[]")
    first = args[0] if args else None
    data: Value
    if kind == "io.memorystream":
        data = first if isinstance(first, bytes) else octets(items_of(first)) if first is not None else b""
        return Thing("stream", {"data": data})
    if kind in ("io.compression.deflatestream", "io.compression.gzipstream"):
        data = first.fields.get("data") if isinstance(first, Thing) else None
        return Thing("stream", {"data": inflated(data, budget) if isinstance(data, bytes) else UNKNOWN})
    if kind in ("io.streamreader", "io.binaryreader"):
        data = first.fields.get("data") if isinstance(first, Thing) else UNKNOWN
        coding = args[1].fields.get("name", "utf-8") if len(args) > 1 and isinstance(args[1], Thing) else "utf-8"
        return Thing("stream", {"data": data, "name": coding})
    if kind == "string":
        return "".join(text_of(one) for one in items_of(first))
    if kind.startswith("text.") and kind.endswith("encoding"):
        return Thing("encoding", {"name": encoding_of(kind[5:].removesuffix("encoding")) or "utf-8"})
    if kind in ("text.stringbuilder", "random", "object", "psobject"):
        return text_of(first) if "builder" in kind else Thing(kind)
    return Thing(kind)


def inflated(data: bytes, budget: Budget) -> bytes | Unknown:
    """What a deflate or gzip stream holds (RFC 1951, RFC 1952)."""
    stream = zlib.decompressobj(31 if data[:2] == b"\x1f\x8b" else -zlib.MAX_WBITS)
    try:
        out = stream.decompress(data, _INFLATED)
    except zlib.error:
        return UNKNOWN
    budget.expand(len(out))
    return out


def as_text(data: Value, coding: str) -> Value:
    """Bytes as text."""
    if isinstance(data, list):
        data = octets(data)
    return data.decode(coding, "replace").removeprefix("\ufeff") if isinstance(data, bytes) else UNKNOWN


def property_of(owner: Value, name: str) -> Value:
    """``owner.name``."""
    low = name.lower()
    if low in ("length", "count"):
        return (
            len(owner)
            if isinstance(owner, str | list | bytes | dict)
            else UNKNOWN
            if isinstance(owner, Unknown | Thing)
            else 1
        )
    if isinstance(owner, dict):
        return (
            owner[low]
            if low in owner
            else list(owner.values())
            if low == "values"
            else list(owner)
            if low == "keys"
            else None
        )
    if isinstance(owner, Type):
        if owner.name == "text.encoding":
            return Thing("encoding", {"name": encoding_of(low) or "utf-8"})
        if owner.name in ("string", "io.path"):
            return "" if low == "empty" else UNKNOWN
        return Type(low) if "io.compression" in owner.name else low
    if isinstance(owner, list) and low != "syncroot":
        return [property_of(one, name) for one in owner]
    if isinstance(owner, Thing):
        return owner.fields.get(low, Thing(f"{owner.kind}.{low}"[:200]))
    if isinstance(owner, str | Script) and low in ("value", "name", "definition", "ast", "content", "source", "text"):
        return text_of(owner)
    return Method(owner, low)


def invoked(owner: Value, name: str, args: list[Value], budget: Budget) -> Value:
    """``owner.name(args)`` of values; what is done outside is left to the evaluator."""
    texts = [text_of(one) for one in args]
    if isinstance(owner, Thing) and owner.kind == "encoding":
        coding = text_of(owner.fields.get("name"))
        if name in ("getstring", "getchars"):
            return as_text(args[0], coding) if args else UNKNOWN
        return texts[0].encode(coding, "replace") if name == "getbytes" and texts else UNKNOWN
    if isinstance(owner, Thing) and owner.kind == "stream":
        data = owner.fields.get("data")
        if name in ("readtoend", "readline"):
            return as_text(data, text_of(owner.fields.get("name")) or "utf-8")
        if name == "copyto" and args and isinstance(args[0], Thing):
            args[0].fields["data"] = data
            return None
        return data if name in ("toarray", "readbytes") else None
    if isinstance(owner, Unknown | Thing):
        return UNKNOWN
    if isinstance(owner, dict):
        if name == "add" and len(args) > 1:
            owner[texts[0].lower()] = args[1]
        return owner.get(texts[0].lower()) if name in ("item", "get_item") and texts else None
    if isinstance(owner, list | bytes) and name in ("toarray", "clone", "tolist"):
        return owner
    if isinstance(owner, list) and name in ("add", "addrange", "reverse"):
        owner.reverse() if name == "reverse" else owner.extend(
            items_of(args[0]) if name == "addrange" and args else args
        )
        return None
    return _text_method(text_of(owner), name, args, texts, budget)


def _text_method(text: str, name: str, args: list[Value], texts: list[str], budget: Budget) -> Value:
    budget.spend(len(text))
    numbers = [number_of(one) for one in args]
    whole = [int(one) for one in numbers if not isinstance(one, Unknown)]
    first = texts[0] if texts else ""
    known: dict[str, Any] = {
        "tostring": text, "tolower": text.lower(), "toupper": text.upper(), "tolowerinvariant": text.lower(),
        "toupperinvariant": text.upper(), "trim": text.strip(first or None), "trimstart": text.lstrip(first or None),
        "trimend": text.rstrip(first or None), "gettype": Type("string"), "normalize": text,
    }  # fmt: skip
    if name in known:
        return known[name]
    if name == "tochararray":
        return [Char(one) for one in text]
    if name == "replace" and len(texts) > 1:
        return text.replace(first, texts[1])[:LONGEST] if first else text
    if name == "split":
        marks = "".join(text_of(one) for arg in args[:1] for one in items_of(arg))
        if len(args) > 1 and marks:
            return [one for one in text.split(marks) if one]
        if not marks:
            return text.split()
        return pattern("[" + "".join(one if one.isalnum() else f"\\{one}" for one in marks) + "]", 0).split(text)
    if name == "append":
        return text + first
    if name in ("indexof", "lastindexof"):
        return text.find(first) if name == "indexof" else text.rfind(first)
    if name in ("startswith", "endswith", "contains", "equals"):
        return {"startswith": text.startswith(first), "endswith": text.endswith(first), "contains": first in text,
                "equals": text == first}[name]  # fmt: skip
    if (len(whole) == len(args) and whole) or name == "insert":
        return _cut(text, name, whole, texts)
    return UNKNOWN


def _cut(text: str, name: str, numbers: list[int], texts: list[str]) -> Value:
    at = numbers[0] if numbers else 0
    if name == "substring":
        return text[at : at + numbers[1]] if len(numbers) > 1 else text[at:]
    if name == "remove":
        return text[:at] + (text[at + numbers[1] :] if len(numbers) > 1 else "")
    if name == "insert" and len(texts) > 1:
        return text[:at] + texts[1] + text[at:]
    if name in ("padleft", "padright") and at < 4096:
        return text.rjust(at) if name == "padleft" else text.ljust(at)
    if name in ("chars", "get_chars"):
        return Char(text[at]) if 0 <= at < len(text) else UNKNOWN
    return UNKNOWN


def fetches(name: str) -> bool:
    """True for a method that fetches."""
    return name in _WEB
