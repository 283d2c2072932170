"""Content that may be giant: bytes, text, a `Filler` that repeats itself, and sequences of them; all of it streamed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from os import PathLike
from pathlib import Path
from typing import Concatenate, ParamSpec

CHUNK = 1 << 20
Parameters = ParamSpec("Parameters")


@dataclass(frozen=True, slots=True)
class Filler:
    """`size` bytes of a pattern that repeats itself; costs no memory.

    Attributes:
        size: number of bytes.
        pattern: what is repeated, from its beginning.
    """

    size: int
    pattern: bytes = b"\0"

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces of about 1 MiB."""
        block = self.pattern * max(1, CHUNK // len(self.pattern))
        for at in range(0, self.size, len(block)):
            yield block if self.size - at >= len(block) else block[: self.size - at]


Content = bytes | str | Filler | Sequence[bytes | str | Filler]
"""What a member or stream holds; text stands for its UTF-8 bytes."""


def pieces(content: Content) -> Iterator[bytes | Filler]:
    """The parts of a content, text encoded."""
    parts = [content] if isinstance(content, bytes | str | Filler) else content
    for part in parts:
        yield part.encode() if isinstance(part, str) else part


def chunks(content: Content) -> Iterator[bytes]:
    """The bytes of a content, in pieces of any size."""
    for part in pieces(content):
        if isinstance(part, Filler):
            yield from part.chunks()
        else:
            yield part


def size(content: Content) -> int:
    """Number of bytes of a content."""
    return sum(part.size if isinstance(part, Filler) else len(part) for part in pieces(content))


def as_bytes(content: Content) -> bytes:
    """All of a content at once."""
    return b"".join(chunks(content))


def joined(name: str, write: Callable[Parameters, Iterable[bytes]]) -> Callable[Parameters, bytes]:
    """Make of a function that streams a file the function `name` that returns it."""

    @wraps(write)
    def build(*args: Parameters.args, **kwargs: Parameters.kwargs) -> bytes:
        return b"".join(write(*args, **kwargs))

    build.__name__ = build.__qualname__ = name
    build.__annotations__ = {**write.__annotations__, "return": bytes}
    return build


def saved(
    name: str, write: Callable[Parameters, Iterable[bytes]]
) -> Callable[Concatenate[str | PathLike[str], Parameters], None]:
    """Make of a function that streams a file the function `name` that writes it to a path, its first argument."""

    def save(path: str | PathLike[str], /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        with Path(path).open("wb") as out:
            out.writelines(write(*args, **kwargs))

    save.__name__ = save.__qualname__ = name
    save.__doc__ = write.__doc__
    return save
