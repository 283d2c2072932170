"""Readers that are not ours, and what of a sample's payload each of them still gets out of a file.

Whatever they raise is theirs; a file that would cost them more than it is large is not given to them.
"""

import io
import logging
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout

Payload = tuple[str, bytes]
"""What it is (``macro``, ``command``, ``stream`` or ``file``), and the bytes."""

MARKER = b"emotriage"
_LARGEST = 1 << 20


def olevba(data: bytes) -> Iterator[Payload]:
    """Sources of macros; never the analysis, whose patterns are superlinear."""
    from oletools.olevba import VBA_Parser

    if not _tame(data):
        return
    parser = VBA_Parser("sample", data=data)
    try:
        for _, _, _, source in parser.extract_macros():
            text = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
            yield "macro", b"\n".join(line for line in text.splitlines() if not line.startswith(b"Attribute "))
    finally:
        parser.close()


def olefile(data: bytes) -> Iterator[Payload]:
    """Streams of a compound file."""
    import olefile as reader

    if not _tame(data) or not reader.isOleFile(data):
        return
    with reader.OleFileIO(data) as file:
        for path in file.listdir():
            yield "stream", file.openstream(path).read()


def zip_file(data: bytes) -> Iterator[Payload]:
    """Members of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for one in archive.infolist()[:1000]:
            if one.file_size < _LARGEST:
                yield "file", archive.read(one)


def lnk_parse(data: bytes) -> Iterator[Payload]:
    """The command that a shortcut starts."""
    from LnkParse3.lnk_file import LnkFile

    said = LnkFile(fhandle=io.BytesIO(data), cp="cp1252").get_json()
    told = said["data"]
    info = said.get("link_info") or {}
    target = told.get("relative_path") or info.get("local_base_path", "") + info.get("common_path_suffix", "")
    yield "command", f"{target}\n{told.get('command_line_arguments', '')}".encode("utf-8", "replace")


def one_note(data: bytes) -> Iterator[Payload]:
    """Files that are attached to a notebook."""
    from pyOneNote.OneDocument import OneDocment

    if len(data) > 64 << 10:
        return
    for one in OneDocment(io.BytesIO(data)).get_files().values():
        yield "file", one["content"]


READERS: tuple[Callable[[bytes], Iterator[Payload]], ...] = (olevba, olefile, zip_file, lnk_parse, one_note)


def recovered(data: bytes, reader: Callable[[bytes], Iterator[Payload]]) -> set[Payload]:
    """What a reader gets out of a file before it gives up, where the builder's marker is in it."""
    found: set[Payload] = set()
    logging.disable(logging.CRITICAL)
    quiet = io.StringIO()
    try:
        with warnings.catch_warnings(), redirect_stdout(quiet), redirect_stderr(quiet):
            warnings.simplefilter("ignore")
            for kind, content in reader(data):
                if MARKER in content or MARKER.decode().encode("utf-16-le") in content:
                    found.add((kind, content))
    except (Exception, SystemExit):  # noqa: BLE001  theirs
        return found
    finally:
        logging.disable(logging.NOTSET)
    return found


def _tame(data: bytes) -> bool:
    """False for compound files whose streams claim more than the file has: looping chains make gigabytes of them."""
    import olefile as reader

    if len(data) > _LARGEST:
        return False
    if not reader.isOleFile(data):
        return True
    with reader.OleFileIO(data) as file:
        return all(entry is None or entry.size <= len(data) for entry in file.direntries)
