"""Files made large by filler: in memory when they are small, streamed to disk when they are giants."""

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from emotriage.model.padding import is_uniform

Fill = Literal["zero", "byte", "periodic", "low-entropy", "random"]
Where = Literal["end", "start", "inside"]

GIANT = 64 << 20
"""Bytes from which on a file is streamed instead of built in memory."""
_BLOCK = 1 << 20
_BLOCKS = 16
"""Blocks of noise after which the same ones come again: hashing more of it would take longest of all."""
_EFFORT = {"low-entropy": 1, "random": 0}
"""How hard zlib tries on what it can hardly shrink."""
_MARKS = bytes(0x20 if value % 8 else 0x0A for value in range(256))


class How(TypedDict, total=False):
    """The finer arguments of `padded`, which the streaming writers share."""

    byte: int
    period: int
    where: Where
    at: int | None
    seed: int


def padded(
    data: bytes,
    size: int,
    fill: Fill = "zero",
    *,
    byte: int = 0x20,
    period: int = 31,
    where: Where = "end",
    at: int | None = None,
    seed: int = 1,
) -> bytes:
    """`data` made `size` bytes long with filler; the same arguments give the same bytes everywhere.

    Args:
        data: what is padded.
        size: bytes in all; must not be smaller than the data.
        fill: ``zero``; ``byte``: the value `byte` throughout; ``periodic``: `period` random bytes repeated;
            ``low-entropy``: blanks with a line end now and then, without a period; ``random``: incompressible.
        byte: value for the sort ``byte``.
        period: length for the sort ``periodic``.
        where: behind the data, before it, or in its middle.
        at: offset in the data where the filler goes; overrides `where`.
        seed: another seed gives other filler.

    Raises:
        ValueError: a size below that of the data, a giant (see `write_padded`), or an unknown sort or place.
    """
    if size >= GIANT:
        raise ValueError(f"{size} bytes are a giant: write_padded() streams those to disk")
    return b"".join(_pieces(data, size, fill, byte=byte, period=period, where=where, at=at, seed=seed))


def write_padded(path: Path, data: bytes, size: int, fill: Fill = "zero", **how: Unpack[How]) -> None:
    """As `padded`, streamed to a file of any size; zeros cost neither memory nor, where holes can be stored, disk.

    Raises:
        ValueError: as in `padded`, but for giants.
        OSError: the file could not be written.
    """
    with path.open("wb") as file:
        for piece in _pieces(data, size, fill, **how):
            if piece and piece[0] == 0 and is_uniform(piece):
                file.seek(len(piece), 1)
            else:
                file.write(piece)
        file.truncate()


def write_padded_archive(
    path: Path, name: str, data: bytes, size: int, fill: Fill = "zero", **how: Unpack[How]
) -> None:
    """As `write_padded`, but into a ZIP's only member, called `name`; 520 MiB of one byte make about 530 kB.

    Raises:
        ValueError: as in `padded`, but for giants, or 4 GiB or more.
        OSError: the file could not be written.
    """
    if size >= 1 << 32:
        raise ValueError("a member of 4 GiB or more needs ZIP64, which is not written here")
    spelled = name.encode()
    common = (20, 0x0800, 8, 0, 0x21)  # version 2.0, UTF-8 name, deflate, midnight of 1980-01-01
    crc = packed = 0
    squeeze = zlib.compressobj(_EFFORT.get(fill, 9), zlib.DEFLATED, -15)
    with path.open("wb") as file:
        file.seek(30 + len(spelled))
        for piece in _pieces(data, size, fill, **how):
            crc = zlib.crc32(piece, crc)
            packed += file.write(squeeze.compress(piece))
        packed += file.write(squeeze.flush())
        sizes = (crc, packed, size, len(spelled))
        file.write(struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *common, *sizes, 0, 0, 0, 0, 0, 0) + spelled)
        file.write(struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, 46 + len(spelled), 30 + len(spelled) + packed, 0))
        file.seek(0)
        file.write(struct.pack("<4s5H3I2H", b"PK\3\4", *common, *sizes, 0) + spelled)


def _pieces(
    data: bytes,
    size: int,
    fill: Fill,
    *,
    byte: int = 0x20,
    period: int = 31,
    where: Where = "end",
    at: int | None = None,
    seed: int = 1,
) -> Iterator[bytes]:
    """The padded file in pieces: the filler in such of at most one MiB."""
    places = {"end": len(data), "start": 0, "inside": len(data) // 2}
    makers: dict[str, Callable[[], Iterator[bytes]]] = {
        "zero": lambda: _same(bytes(1)),
        "byte": lambda: _same(bytes([byte])),
        "periodic": lambda: _periodic(period, seed),
        "low-entropy": lambda: _noise(seed, _MARKS),
        "random": lambda: _noise(seed, None),
    }
    if size < len(data):
        raise ValueError(f"padded to {size} bytes, but the data alone has {len(data)}")
    if fill not in makers:
        raise ValueError(f"fill must be one of {', '.join(makers)}, not {fill!r}")
    if where not in places:
        raise ValueError(f"where must be one of {', '.join(places)}, not {where!r}")
    at = places[where] if at is None else at
    yield data[:at]
    length = size - len(data)
    filler = makers[fill]()
    while length > 0:
        piece = next(filler)[:length]
        length -= len(piece)
        yield piece
    yield data[at:]


def _same(byte: bytes) -> Iterator[bytes]:
    while True:
        yield _uniform(byte)


@cache
def _uniform(byte: bytes) -> bytes:
    return byte * _BLOCK


def _periodic(period: int, seed: int) -> Iterator[bytes]:
    unit = hashlib.shake_128(b"%d" % seed).digest(period)
    piece = unit * max(_BLOCK // period, 1)
    while True:
        yield piece


def _noise(seed: int, table: bytes | None) -> Iterator[bytes]:
    for number in count():
        yield _block(seed, number % _BLOCKS, table)


@lru_cache(2 * _BLOCKS)
def _block(seed: int, number: int, table: bytes | None) -> bytes:
    piece = hashlib.shake_128(b"%d:%d" % (seed, number)).digest(_BLOCK)
    return piece.translate(table) if table else piece
