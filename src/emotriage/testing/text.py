"""Plain bytes for samples: text in an encoding, hexadecimal bytes, pieces joined, and data damaged on purpose."""

from collections.abc import Sequence


def text(content: str, encoding: str = "utf-8", *, bom: bool = False, newline: str = "\n") -> bytes:
    r"""Text as a file holds it.

    Args:
        content: with ``\n`` line ends.
        encoding: any of Python's; what it can't spell becomes ``?``.
        bom: begin with U+FEFF, in that encoding.
        newline: what stands for each line end, such as ``\r\n``.
    """
    spelled = ("\ufeff" if bom else "") + content.replace("\n", newline)
    return spelled.encode(encoding, "surrogatepass" if encoding.lower().startswith("utf") else "replace")


def raw(hex: str) -> bytes:  # noqa: A002  # the recipe's own word for it
    """Bytes from hexadecimal digits; blanks and line ends between the bytes are ignored."""
    return bytes.fromhex(hex)


def joined(parts: Sequence[bytes]) -> bytes:
    """Pieces in a row: a polyglot, junk in front, or something appended."""
    return b"".join(parts)


def executable(marker: str = "emotriage-inert", size: int = 512) -> bytes:
    """What looks like a program to a sniffer and is none: ``MZ``, zeros, and a marker at the end.

    Args:
        marker: ASCII text that ends the file.
        size: bytes in all.
    """
    return b"MZ" + marker.encode("ascii").rjust(size - 2, b"\0")


def damaged(
    data: bytes,
    *,
    truncate: int | None = None,
    cut: Sequence[int] = (),
    flip: Sequence[int] = (),
    overwrite: Sequence[Sequence[int | str]] = (),
) -> bytes:
    """Data with defects; offsets are those of the undamaged data, negative ones count from its end.

    Args:
        data: what is damaged.
        truncate: how many bytes are kept; a negative number is how many are lost.
        cut: ``[start, stop]`` of a stretch that is left out.
        flip: offsets of bytes whose bits are all turned over.
        overwrite: ``[offset, hex]`` pairs.
    """
    out = bytearray(data)
    for offset in flip:
        out[offset] ^= 0xFF
    for place, digits in overwrite:
        patch = bytes.fromhex(str(digits))
        at = int(place) % len(out) if int(place) < 0 else int(place)
        out[at : at + len(patch)] = patch
    length = len(out) if truncate is None else len(out[:truncate])
    if cut:
        start, stop, _ = slice(*cut).indices(len(out))
        return bytes(out[: min(start, length)] + out[stop:length])
    return bytes(out[:length])
