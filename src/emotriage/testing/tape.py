"""tar archives (ustar, PAX and GNU forms), honest and dishonest: each header field can lie."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from emotriage.testing.content import Content, chunks, joined, size

Files = Mapping[str, Content] | Iterable[tuple[str, Content]]
Field = int | str | bytes

_BLOCK = 512
_RECORD = 20 * _BLOCK
_FIELDS = {
    "name": (0, 100), "mode": (100, 108), "uid": (108, 116), "gid": (116, 124), "size": (124, 136),
    "mtime": (136, 148), "checksum": (148, 156), "type": (156, 157), "link": (157, 257), "magic": (257, 265),
    "prefix": (345, 500), "sparse": (386, 512),
}  # fmt: skip
DEFECTS = frozenset({"bad-checksum", "no-end-mark", "truncated"})


def tape_chunks(
    files: Files,
    *,
    headers: Mapping[str, Mapping[str, Field]] | None = None,
    pax: Mapping[str, Mapping[str, str]] | None = None,
    links: Mapping[str, str] | None = None,
    long_names: bool = False,
    encoding: str = "utf-8",
    append: Content = b"",
    defects: Collection[str] = (),
) -> Iterator[bytes]:
    """A tar archive, in pieces.

    Args:
        files: name and content of each member, in order; pairs where a name comes twice. A name that ends in "/" is a
            folder.
        headers: by member name, header fields that say something else: ``name``, ``mode``, ``size`` (a number, or the
            field's own bytes), ``type``, ``link``, ``magic``, ``prefix``, ``sparse``.
        pax: by member name, records of an extended header in front of it.
        links: by name, the target of a symbolic link, written behind the files.
        long_names: names of more than 100 bytes in GNU's form; else they are cut.
        encoding: of names.
        append: bytes behind the end.
        defects: of `DEFECTS`; ``bad-checksum`` is that of the first header.

    Raises:
        ValueError: a defect that is not known.
    """
    if unknown := set(defects) - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    parts = list(_parts(files, headers or {}, pax or {}, links or {}, encoding, long_names=long_names))
    if "bad-checksum" in defects:
        parts[0] = parts[0][:148] + b"0000001\0" + parts[0][156:]
    length = sum(map(len, parts))
    if "truncated" in defects:
        yield b"".join(parts)[: length // 2]
        return
    yield from parts
    if "no-end-mark" not in defects:
        yield bytes(-(length + 2 * _BLOCK) % _RECORD + 2 * _BLOCK)
    yield from chunks(append)


tape = joined("tape", tape_chunks)
"""A tar archive as bytes; arguments as `tape_chunks`."""


def tape_header(fields: Mapping[str, Field]) -> bytes:
    """One header block with a right checksum; numbers are written in octal, or in base 256 where that is too short."""
    block = bytearray(_BLOCK)
    usual: dict[str, Field] = {"mode": 0o644, "uid": 0, "gid": 0, "size": 0, "mtime": 0, "type": "0"}
    for key, value in {**usual, "magic": b"ustar\x0000", **fields}.items():
        begin, end = _FIELDS[key]
        raw = _number(value, end - begin) if isinstance(value, int) else value
        block[begin:end] = (raw.encode() if isinstance(raw, str) else raw)[: end - begin].ljust(end - begin, b"\0")
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax_records(records: Mapping[str, str]) -> bytes:
    """Records of an extended header: each begins with its own length."""
    out = b""
    for key, value in records.items():
        body = f" {key}={value}\n".encode("utf-8", "surrogateescape")
        length = len(body)
        while length != len(body) + len(str(length)):
            length = len(body) + len(str(length))
        out += b"%d" % length + body
    return out


def _parts(
    files: Files,
    headers: Mapping[str, Mapping[str, Field]],
    pax: Mapping[str, Mapping[str, str]],
    links: Mapping[str, str],
    encoding: str,
    *,
    long_names: bool,
) -> Iterator[bytes]:
    named = [*(files.items() if isinstance(files, Mapping) else files), *((name, b"") for name in links)]
    for name, content in named:
        raw = name.encode(encoding)
        if name in pax:
            yield from _framed({"name": "PaxHeader", "type": "x"}, pax_records(pax[name]))
        if long_names and len(raw) > 100:
            yield from _framed({"name": "././@LongLink", "type": "L", "magic": b"ustar  \0"}, raw + b"\0")
        kind = "2" if name in links else "5" if name.endswith("/") else "0"
        target = {"link": links[name]} if name in links else {}
        fields = {"name": raw, "type": kind, "size": size(content), **target, **headers.get(name, {})}
        yield tape_header(fields)
        yield from chunks(content)
        yield bytes(-size(content) % _BLOCK)


def _framed(fields: Mapping[str, Field], body: bytes) -> Iterator[bytes]:
    yield tape_header({**fields, "size": len(body)})
    yield body + bytes(-len(body) % _BLOCK)


def _number(value: int, width: int) -> bytes:
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    return value.to_bytes(width, "big", signed=True) if value < 0 else b"\x80" + value.to_bytes(width - 1, "big")
