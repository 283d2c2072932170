"""Ways to damage a sample: seeded, so that a mutant is the same everywhere."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Iterator

from emotriage.testing import Recipe

Samples = list[tuple[Recipe, bytes]]
Mutate = Callable[[random.Random, bytes, Samples], bytes]

_BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
_LENGTHS = (0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def flip(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """Other bytes here and there."""
    mutant = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 8, 32])):
        mutant[rng.randrange(len(mutant))] = rng.choice([*_BYTES, rng.randrange(256)])
    return bytes(mutant)


def cut(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """A file that ends early, or begins late."""
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.8 else data[at:]


def splice(rng: random.Random, data: bytes, pool: Samples) -> bytes:
    """The head of one file and the tail of another."""
    other = rng.choice(pool)[1]
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def length(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """Numbers at aligned offsets that say something else: mostly sizes, counts and offsets."""
    mutant = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 4])):
        width, form = rng.choice([(2, "<H"), (4, "<I")])
        if len(mutant) < width:
            break
        at = rng.randrange(0, len(mutant) - width + 1, 2)
        (value,) = struct.unpack_from(form, mutant, at)
        value = rng.choice([value + 1, value - 1, value * 2, value // 2, value ^ 1 << rng.randrange(8 * width)])
        value = rng.choice([value, value, rng.choice(_LENGTHS)])
        struct.pack_into(form, mutant, at, value % (1 << 8 * width))
    return bytes(mutant)


def repeat(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """A block that is there twice or more."""
    size = rng.choice([1, 8, 64, 512])
    at = rng.randrange(0, len(data), min(size, len(data)))
    return data[: at + size] + data[at : at + size] * rng.choice([1, 2, 16]) + data[at + size :]


def swap(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """Two blocks in each other's place."""
    size = rng.choice([4, 16, 64, 512])
    first, second = (rng.randrange(0, len(data), min(size, len(data))) for _ in range(2))
    mutant = bytearray(data)
    mutant[first : first + size], mutant[second : second + size] = (
        data[second : second + size],
        data[first : first + size],
    )
    return bytes(mutant)


def insert(rng: random.Random, data: bytes, _: Samples) -> bytes:
    """Zeros where none were."""
    at = rng.randrange(len(data) + 1)
    return data[:at] + bytes(rng.choice([1, 3, 4, 512, 4096])) + data[at:]


def member(rng: random.Random, data: bytes, pool: Samples) -> bytes:
    """An archive with one damaged member and headers that fit it: what a flip in packed bytes never gets at."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(one.filename, archive.read(one)) for one in archive.infolist() if one.file_size < 1 << 20]
    except Exception:  # noqa: BLE001  no archive, or one that this reader can't read
        files = []
    wanted = [index for index, (_, content) in enumerate(files) if content]
    if not wanted:
        return flip(rng, data, pool)
    index = rng.choice(wanted)
    name, content = files[index]
    files[index] = name, rng.choice([flip, cut, length, repeat, swap, insert])(rng, content, pool)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


KINDS: tuple[Mutate, ...] = (flip, cut, splice, length, repeat, swap, insert, member)


def mutants(pool: Samples, count: int, seed: str) -> Iterator[tuple[str, Recipe, bytes]]:
    """(how it came to be, recipe, bytes): each kind of mutation in turn, on samples drawn from the pool; none empty."""
    rng = random.Random(seed)
    pool = [one for one in pool if one[1]]
    for number in range(count):
        recipe, data = rng.choice(pool)
        mutate = KINDS[number % len(KINDS)]
        yield f"{seed} {number}: {mutate.__name__} of {recipe.name}", recipe, mutate(rng, data, pool)
