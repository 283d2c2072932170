"""L1 and L2 on bytes that no sample has anything to do with: nothing, next to nothing, beginnings only, and noise."""

import random

import pytest

from emotriage import Level
from emotriage.testing import Recipe
from laws.test_mutants import promised

# Sixty beginnings, by what a program would take them for.
MAGIC = {
    "ole": "d0cf11e0a1b11ae1",
    "zip": "504b0304",
    "zip-empty": "504b0506",
    "zip-spanned": "504b0708",
    "lnk": "4c0000000114020000000000c000000000000046",
    "one": "e4525c7b8cd8a74daeb15378d02996d3",
    "onetoc": "a12fff43d9ef764c9ee210ea5722765f",
    "rtf": "7b5c727466",
    "pdf": "255044462d312e37",
    "activemime": "416374697665 4d696d65",
    "tnef": "789f3e22",
    "chm": "49545346",
    "7z": "377abcaf271c",
    "rar4": "526172211a0700",
    "rar5": "526172211a070100",
    "cab": "4d53434600000000",
    "gzip": "1f8b08",
    "bzip2": "425a6839",
    "xz": "fd377a585a00",
    "zstd": "28b52ffd",
    "lzma": "5d00008000",
    "compress": "1f9d90",
    "lzh": "2a2a2d6c68352d",
    "arj": "60ea",
    "ace": "000000000000002a2a4143452a2a",
    "xar": "78617221",
    "vhdx": "7668647866696c65",
    "vhd": "636f6e6563746978",
    "vmdk": "4b444d56",
    "qcow": "514649fb",
    "mz": "4d5a",
    "elf": "7f454c46",
    "macho": "cffaedfe",
    "fat-macho": "cafebabe",
    "dex": "6465780a30333500",
    "png": "89504e470d0a1a0a",
    "jpeg": "ffd8ffe0",
    "gif": "474946383961",
    "tiff-le": "49492a00",
    "tiff-be": "4d4d002a",
    "bmp": "424d",
    "ico": "00000100",
    "webp": "524946460000000057454250",
    "psd": "38425053",
    "jp2": "0000000c6a502020",
    "wmf": "d7cdc69a",
    "emf": "01000000",
    "ttf": "0001000000",
    "otf": "4f54544f00",
    "woff": "774f4646",
    "mp4": "0000001866747970",
    "mp3": "494433",
    "ogg": "4f676753",
    "flac": "664c6143",
    "mkv": "1a45dfa3",
    "asf": "3026b2758e66cf11",
    "midi": "4d546864",
    "biff8": "0908100000060500",
    "biff5": "0908080000050500",
    "biff2": "0900040002001000",
    "xlsb-book": "83010c",
    "html": "3c68746d6c3e",
    "xml": "3c3f786d6c20",
    "script": "3c736372697074",
    "mime": "4d494d452d56657273696f6e3a20312e30",
    "mail": "52656365697665643a20",
    "url": "5b496e7465726e657453686f72746375745d",
    "vbe": "23407e5e",
    "slk": "49443b50",
    "pgp": "2d2d2d2d2d424547494e20504750204d455353414745",
    "pkcs7": "308006092a864886f70d010703",
    "utf16": "fffe",
    "utf16-be": "feff",
    "utf8": "efbbbf",
    "python": "0d0d0a00",
    "sqlite": "53514c69746520666f726d6174203300",
    "access": "000100005374616e64617264204a6574",
    "psh": "2321",
    "swf": "465753",
    "msi": "d0cf11e0a1b11ae100000000000000000000",
}
# Pictures, fonts and sounds: nobody runs what is not there.
PASSIVE = frozenset("png jpeg gif tiff-le tiff-be bmp ico webp psd jp2 wmf emf ttf otf woff mp4 mp3".split())  # noqa: SIM905
PASSIVE |= {"ogg", "flac", "mkv", "asf", "midi"}
TRIVIAL = frozenset({"text", "empty", "calendar", "signature", "html", "url"})
"""Kinds that a word or two make, with nothing in them."""
WHOLE = frozenset({"lnk", "lzma", "zip-empty"})
"""With zeros behind them these are whole: a shortcut to nowhere, an archive or a stream of nothing."""
NOISES = 600


def _of(name, data):
    return promised(name, Recipe(f"evil/{name}", "", f"{name}.bin", {}), data)


@pytest.mark.parametrize("copies", [0, 1, 2, 64])
def test_every_single_byte(copies):
    for byte in range(256):
        _of(f"{byte:#04x} {copies} times", bytes([byte]) * copies)


@pytest.mark.parametrize("name", MAGIC)
def test_y06_beginnings_only(name):
    magic = bytes.fromhex(MAGIC[name])
    for data in (magic, magic[:-1], magic + b"\0", magic + bytes(64), magic + b"\xff" * 64, magic + bytes(2000)):
        verdict = _of(name, data)
        harmless = verdict.artifacts[0].kind in TRIVIAL or name in PASSIVE
        harmless = harmless or (name in WHOLE and data.endswith(bytes(64)))
        assert verdict.level is not Level.CLEAN or harmless, data[:80]


@pytest.mark.parametrize("part", range(4))
def test_noise(part):
    for seed in range(part, NOISES, 4):
        rng = random.Random(f"noise {seed}")
        verdict = _of(f"noise {seed}", rng.randbytes(rng.choice([2, 16, 100, 700, 5000])))
        assert verdict.level < Level.MALICIOUS


@pytest.mark.parametrize(
    "name", ["ole", "zip", "lnk", "one", "pdf", "rtf", "gzip", "mz", "mime", "xml", "biff8", "url"]
)
def test_o16_noise_behind_a_beginning(name):
    for seed in range(NOISES // 12):
        rng = random.Random(f"{name} {seed}")
        _of(f"{name} {seed}", bytes.fromhex(MAGIC[name]) + rng.randbytes(rng.choice([16, 508, 4096])))


@pytest.mark.parametrize("part", range(2))
def test_sparse_noise(part):
    """Mostly zeros, as headers are: what all-random bytes never get past."""
    for seed in range(part, NOISES, 2):
        rng = random.Random(f"sparse {seed}")
        data = bytearray(rng.choice([64, 512, 3000]))
        for _ in range(len(data) // 8):
            data[rng.randrange(len(data))] = rng.choice([1, 2, 4, 8, 0x10, 0xFF, rng.randrange(256)])
        head = bytes.fromhex(rng.choice(sorted(MAGIC.values())))
        _of(f"sparse {seed}", head + bytes(data[len(head) :]))
