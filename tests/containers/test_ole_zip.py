"""Files that are a compound file and a ZIP archive."""

import io
import struct
import zipfile

from emotriage.containers.ole_zip import ANALYZER
from emotriage.model.analyzer import Child, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Finding
from emotriage.model.limits import Budget, Limits
from emotriage.testing.archive import archive
from emotriage.testing.document import document


def look(data: bytes) -> tuple[set[str], dict[str, bytes]]:
    budget = Budget(Limits())
    found = list(ANALYZER.run(Subject(Blob(data), "ole", "sample", budget)))
    children = {one.name: b"".join(one.content(budget)) for one in found if isinstance(one, Child)}
    return {one.rule for one in found if isinstance(one, Finding)}, children


def polyglot() -> bytes:
    """A document with an archive in a stream of its own, whose directory is behind the document and counts from 0."""
    packed = archive({"inside.txt": b"emotriage-inert " * 400})
    at = packed.index(b"PK\1\2")
    data = document("doc", text="Minutes", streams={"Notes": packed[:at]})
    place = data.index(packed[:at])
    directory = bytearray(packed[at:])
    struct.pack_into("<I", directory, 42, place)
    end = directory.index(b"PK\5\6")
    struct.pack_into("<I", directory, end + 16, len(data))
    return data + directory


def test_polyglot():
    data = polyglot()
    assert zipfile.ZipFile(io.BytesIO(data)).read("inside.txt") == b"emotriage-inert " * 400
    assert look(data) == ({"ole.zip-archive"}, {"inside.txt": b"emotriage-inert " * 400})


def test_what_is_none():
    packed = archive({"inside.txt": b"emotriage-inert " * 400})
    pasted = document("doc", text="Minutes", streams={"ObjectPool/_1/Package": packed})
    for data in (
        document("doc", text="Minutes"),
        pasted,
        pasted + packed,
        pasted + b"PK\5\6",
        pasted + b"PK\5\6" * 9000,
    ):
        assert look(data) == (set(), {})
