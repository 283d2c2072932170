"""Equations of an RTF document taken together: one may begin a file that the next goes on with and another starts."""

from collections.abc import Iterator

from emotriage.analyzers.equation_code import commands_in, followed, judge_code
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.com_classes import class_named
from emotriage.formats.rtf import RtfDocument, read_rtf
from emotriage.formats.rtf.data import HexData, decoded, head_of
from emotriage.formats.rtf.object import NativeObject, read_object
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import RECORD

_HEAD = 64 << 10
_WHOLE = 4 << 20
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAM = "Equation Native".encode("utf-16-le")
_MOST = 64


@analyzer("rtf-equations", kinds={"rtf"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Follow the command lines of all equations in the order of the document; one alone is followed where it is."""
    document = subject.view(read_rtf)
    lines: list[str] = []
    native = False
    failed: FormatError | None = None
    for item in document.data:
        subject.budget.spend(RECORD)
        if item.what != "objdata" or len(lines) >= _MOST:
            continue
        header, data = _read(subject, document, item)
        if header is None or header.linked:
            continue
        if data.startswith(_CFB):
            try:
                contents = _equations(subject, data)
            except FormatError as error:  # those behind it are still read
                failed = failed or error
                continue
            lines += [line for content in contents for _, line in commands_in(content, subject.budget)]
        elif (known := class_named(header.class_name)) is not None and known.role == "equation":
            native = True
            yield from judge_code(data, f"objdata at {item.offset}", subject.budget)
            lines += [line for _, line in commands_in(data, subject.budget)]
    if len(lines) > 1 or native:
        yield from followed(lines)
    if failed is not None:
        raise failed


def _read(subject: Subject, document: RtfDocument, item: HexData) -> tuple[NativeObject | None, bytes]:
    """An object's header and data under the first reading that makes an equation of it."""
    for shift in (0, 1):
        for reading in item.readings():
            head = head_of(decoded(document.blob, item, subject.budget, reading, shift), _HEAD)
            header = read_object(head)
            known = class_named(header.class_name) if header is not None else None
            if header is not None and (_STREAM in head or (known is not None and known.role == "equation")):
                whole = head_of(decoded(document.blob, item, subject.budget, reading, shift), _WHOLE)
                return header, whole[header.start :]
    return None, b""


def _equations(subject: Subject, data: bytes) -> list[bytes]:
    """Equations of a compound file.

    Raises:
        FormatError: it can't be read.
    """
    compound = read_compound_file(Blob(data), subject.budget)
    named = [one for one in compound.entries if one.kind == "stream" and one.name.lower() == "equation native"]
    return [compound.open(one).read(0, _HEAD) for one in named]
