"""One fuzz target a parser: bytes in, nothing out, and only `FormatError` and `BudgetSpent` may escape.

Targets are made from the signatures of the public functions of `emotriage.formats` that spend budget or read blobs, so
that a new parser is a target from its first day. A function whose arguments only another parser can make is adapted in
`MADE`; what no bytes alone lead to is listed with the tests.

With atheris installed, ``python tests/fuzz/targets.py TARGET [corpus folder] [libFuzzer options]`` fuzzes without end.
"""

import base64
import inspect
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

import emotriage.formats
from emotriage.emulation.browser.run import run_page
from emotriage.emulation.vba.host import Surroundings
from emotriage.emulation.vba.machine import run as evaluate
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.formats.excel.biff_globals import read_globals, scope_of
from emotriage.formats.excel.biff_looks import read_looks
from emotriage.formats.excel.cell_looks import read_styles
from emotriage.formats.excel.ptg import Scope
from emotriage.formats.excel.sheet_content import PackageCells, StreamBook, list_sheets
from emotriage.formats.html_page import read_page
from emotriage.formats.hwp import Hangul, contents, does_something, inflated, script_text, without_length
from emotriage.formats.installer import read_database
from emotriage.formats.installer.actions import custom_actions
from emotriage.formats.lzh import VARIANTS
from emotriage.formats.mime import read_mail
from emotriage.formats.mime.transfer import decode_uuencode, find_uuencoded
from emotriage.formats.old_archive import read_old_archive, unpack_member
from emotriage.formats.ooxml import Package, read_package
from emotriage.formats.ooxml.content import main_parts, read_comments, read_shapes
from emotriage.formats.pdf import Document, read_document
from emotriage.formats.pdf.actions import script_of, started_by
from emotriage.formats.pdf.actions import target_of as action_target
from emotriage.formats.pdf.filters import decoded, filter_named
from emotriage.formats.pdf.objects import read_stream, stream_at
from emotriage.formats.powerpoint97 import read_presentation
from emotriage.formats.powerpoint97_records import read_edits
from emotriage.formats.rar import Keys, Unpacker, chains, read_rar
from emotriage.formats.rtf import read_rtf
from emotriage.formats.rtf.data import decoded as rtf_decoded
from emotriage.formats.script.secure_string import HEAD, decrypt
from emotriage.formats.vba.decompile import decompile
from emotriage.formats.vba.identifiers import Identifiers, read_identifiers
from emotriage.formats.vba.oforms import read_contents
from emotriage.formats.vba.pcode import read_code
from emotriage.formats.word97 import attached_template
from emotriage.formats.word97_content import read_comments as read_word_comments
from emotriage.formats.word97_content import read_text, read_variables
from emotriage.formats.word97_shapes import read_shapes as read_word_shapes
from emotriage.formats.zip import crypto as zip_crypto
from emotriage.formats.zip import read_archive
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, FormatError
from emotriage.model.limits import MIB, Budget, Limits
from emotriage.model.passwords import Password

Target = Callable[[bytes, Budget], None]
PIECE = 1 << 12
WORK = 64 * MIB
_MOST = 500

MADE: dict[object, Callable[[bytes, Budget], object]] = {
    Blob: lambda data, _: Blob(data),
    bytes: lambda data, _: data,
    str: lambda data, _: data.decode("latin-1"),
    Iterator[bytes]: lambda data, _: iter([data[at : at + PIECE] for at in range(0, len(data), PIECE)]),
    Iterable[bytes]: lambda data, _: [data[at : at + PIECE] for at in range(0, len(data), PIECE)],
    CompoundFile: lambda data, budget: read_compound_file(Blob(data), budget),
    Package: lambda data, budget: read_package(Blob(data), budget),
    Document: lambda data, budget: read_document(Blob(data), budget),
    Subject: lambda data, budget: Subject(Blob(data), "unknown", "sample", budget),
}
"""How the bytes become the first argument, by its type."""

GIVEN: dict[str, Callable[[bytes], object]] = {
    "at": lambda _: 0,
    "codec": lambda _: "cp932",
    "extra": lambda data: data[-64:],
    "found": lambda _: [],
    "base": lambda _: 0,
    "handed": lambda _: set(),
    "limit": lambda _: MIB,
    "measured": lambda _: False,
    "method": lambda data: data[0] if data else 8,
    "note": lambda _: lambda _: None,
    "number": lambda _: 1,
    "offset": lambda _: 0,
    "password": lambda _: b"emotriage",
    "passwords": lambda _: ("VelvetSweatshop", "emotriage"),
    "references": lambda data: range(0, len(data), 512),
    "scope": lambda _: Scope(8),
    "size": len,
    "start": lambda _: 0,
    "stop": len,
    "swept": lambda _: [],
    "variant": lambda data: list(VARIANTS.values())[len(data) % len(VARIANTS)],
    "wanted": lambda _: frozenset(range(1 << 12)),
    "where": lambda _: "sample",
}
"""Further arguments that a function can't do without, by name."""


def parsers() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function of the parsers that spends budget or reads a blob, by ``module.function``."""
    for one in walk_packages(emotriage.formats.__path__, prefix := "emotriage.formats."):
        module = import_module(one.name)
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
            if own and any(one in (Blob, Budget, Subject) for one in _hints(value).values()):
                yield f"{one.name.removeprefix(prefix)}.{name}", value


def _hints(function: Callable[..., object]) -> dict[str, object]:
    return {name: kind for name, kind in inspect.get_annotations(function).items() if name != "return"}


def target_of(function: Callable[..., object]) -> Target | None:
    """A function as a target, or None where its arguments can't be made from bytes alone."""
    hints = _hints(function)
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is inspect.Parameter.empty]
    makers: dict[str, Callable[[bytes, Budget], object]] = {}
    for place, one in enumerate(needed):
        wanted = hints.get(one.name)
        if wanted is Budget:
            makers[one.name] = lambda _, budget: budget
        elif place == 0 and wanted in MADE:
            makers[one.name] = MADE[wanted]
        elif one.name == "passwords" and "Password]" in str(wanted):
            makers[one.name] = lambda *_: (Password("VelvetSweatshop", "well-known"),)
        elif one.name in GIVEN:
            makers[one.name] = lambda data, _, give=GIVEN[one.name]: give(data)
        else:
            return None

    def run(data: bytes, budget: Budget) -> None:
        consume(function(**{name: make(data, budget) for name, make in makers.items()}))

    return run


def consume(found: object) -> None:
    """Read what a parser gives out only when it is asked for."""
    if isinstance(found, Iterator):
        for _, _ in zip(range(100_000), found, strict=False):
            pass


def _members(data: bytes, budget: Budget) -> None:
    archive = read_archive(Blob(data), budget)
    for member in archive.members[:_MOST]:
        for look in (archive.head, archive.other_reading, archive.stream):
            quietly(lambda look=look, member=member: consume(look(member, budget)))


def _streams(data: bytes, budget: Budget) -> None:
    compound = read_compound_file(Blob(data), budget)
    for entry in compound.entries[:_MOST]:
        compound.open(entry).read(0, MIB)
        compound.children(entry)


def _parts(data: bytes, budget: Budget) -> None:
    package = read_package(Blob(data), budget)
    for part in package.parts[:_MOST]:
        quietly(lambda part=part: consume(package.stream(part, budget)))
        quietly(lambda part=part: consume(package.xml(part, budget)))


def _mail_parts(data: bytes, budget: Budget) -> None:
    for part in read_mail(Blob(data), budget).parts[:_MOST]:
        part.names()


def _scope(data: bytes, budget: Budget) -> None:
    scope = scope_of(read_globals(Blob(data), budget))
    for index in range(4):
        scope.sheet(index, index)
        scope.external(index, index)


def _template(data: bytes, _: Budget) -> None:
    half = len(data) // 2
    attached_template(Blob(data[:half]), Blob(data[half:]))


def _presentation(data: bytes, budget: Budget) -> None:
    document = Blob(data)
    for user in (data[:24], bytes(16) + (8).to_bytes(4, "little")):
        view = read_presentation(document, read_edits(document, Blob(user), budget), budget)
        for one in view.objects[:_MOST]:
            quietly(lambda one=one: consume(one.unpack(budget)))


def _hangul(data: bytes, budget: Budget) -> None:
    compound = read_compound_file(Blob(data), budget)
    for _, content, deflated in contents(compound, Hangul(compressed=True, lock=""), budget):
        chunks = without_length(inflated(content, budget)) if deflated else iter([content.read(0, MIB)])
        quietly(lambda chunks=chunks: does_something(script_text(chunks, budget), budget))


def _uuencoded(data: bytes, budget: Budget) -> None:
    blob = Blob(data)
    for one in find_uuencoded(blob, 0, len(data), budget):
        consume(decode_uuencode(blob, one, budget))


def _rtf_data(data: bytes, budget: Budget) -> None:
    blob = Blob(data)
    for item in read_rtf(blob, budget).data[:_MOST]:
        for reading in item.readings():
            consume(rtf_decoded(blob, item, budget, reading, 1))


def _zip_crypto(data: bytes, budget: Budget) -> None:
    consume(zip_crypto.decrypted(Blob(data.ljust(zip_crypto.HEADER, b"\0")), b"emotriage", budget))  # never shorter


def _pdf_filters(data: bytes, budget: Budget) -> None:
    for name in (b"FlateDecode", b"LZWDecode", b"ASCII85Decode", b"ASCIIHexDecode", b"RunLengthDecode"):
        for parameters in (b"", b"/Predictor 12 /Columns 4", b"/Predictor 2 /Colors 3"):
            filters = (filter_named(name, parameters),)
            quietly(lambda filters=filters: consume(decoded(iter([data]), filters, budget)))


def _pdf_streams(data: bytes, budget: Budget) -> None:
    for at in range(0, min(len(data), 1 << 12), 16):
        if (stream := stream_at(Blob(data), at, budget)) is not None:
            quietly(lambda stream=stream: consume(read_stream(stream, budget)))


def _pdf_actions(data: bytes, budget: Budget) -> None:
    document = read_document(Blob(data), budget)
    for one in document.names[:16]:
        for look in (script_of, started_by, action_target):
            look(document, one, budget)


def _old(data: bytes, budget: Budget) -> None:
    blob = Blob(data)
    found = read_old_archive(blob, budget)
    for one in found.members[:_MOST] if found else ():
        quietly(lambda one=one: consume(unpack_member(blob, one, budget)))


def _rar(data: bytes, budget: Budget) -> None:
    blob = Blob(data)
    keys = Keys("infected", lambda _: False)
    for members in chains(read_rar(blob, budget).entries[:_MOST]):
        unpacker = Unpacker(blob, budget)
        for one in members:
            quietly(lambda one=one, unpacker=unpacker: consume(unpacker.unpack(one, keys)))


def _actions(data: bytes, budget: Budget) -> None:
    tables = ("Property", "CustomAction", "InstallExecuteSequence")
    consume(custom_actions(read_database(read_compound_file(Blob(data), budget), tables, budget), budget))


def _compiled(data: bytes, budget: Budget) -> None:
    """The first half is the table of names, the second the cache of a module."""
    half = len(data) // 2
    identifiers = Identifiers(0xAF, 0x103 if half & 1 else 0x106, ("Shell",) * (half & 0xFF))
    quietly(lambda: consume(read_identifiers(data[:half], "cp932", budget)))
    if (code := read_code(data[half:], identifiers, "cp932", budget)) is not None:
        decompile(code, budget)


def _binary_looks(data: bytes, budget: Budget) -> None:
    read_looks(Blob(data), read_globals(Blob(data), budget), budget)


def _secured(data: bytes, budget: Budget) -> None:
    """Once as a text, once as what was encrypted."""
    quietly(lambda: decrypt(data.decode("latin-1"), bytes(16), budget))
    vector = base64.b64encode(data[:16].ljust(16)).decode("ascii")
    inner = f"2|{vector}|{data[16:].ljust(-(-len(data[16:]) // 16) * 16).hex()}".encode("utf-16-le")
    decrypt(HEAD + base64.b64encode(inner).decode("ascii"), bytes(16), budget)


def _held(data: bytes, budget: Budget) -> None:
    package = read_package(Blob(data), budget)
    for main in main_parts(package):
        quietly(lambda main=main: consume(read_comments(package, main, budget)))
        quietly(lambda main=main: consume(read_shapes(package, main, budget)))
        for one in list_sheets(package, main, budget):
            quietly(lambda main=main, one=one: consume(PackageCells(package, main, budget).read(one.part)))


def _word_content(data: bytes, budget: Budget) -> None:
    half = len(data) // 2
    read_variables(Blob(data[:half]), Blob(data[half:]), budget)
    for read in (read_text, read_word_comments):
        read(Blob(data[:half]), Blob(data[half:]), budget)
    read_word_shapes(Blob(data[:half]), Blob(data[half:]), Blob(data[::-1]), budget)


def _book(data: bytes, budget: Budget) -> None:
    book = StreamBook(Blob(data), budget)
    for one in book.sheets:
        book.code_name(one)
        book.cells(one)
        book.objects(one)


def _evaluated(data: bytes, budget: Budget) -> None:
    source = read_source(data.decode("latin-1"), budget)
    program = Program([ModuleCode("Module1", "standard", source)], budget)
    evaluate(program, range(len(program.nodes)), Surroundings(), budget)


def quietly(look: Callable[[], None]) -> None:
    """Let one member be damaged without giving up the others."""
    with suppress(FormatError):
        look()


DEEPER: dict[str, Target] = {
    "zip members": _members,
    "cfb streams": _streams,
    "ooxml parts": _parts,
    "mime names": _mail_parts,
    "biff scope": _scope,
    "excel.biff_looks.read_looks": _binary_looks,
    "excel.cell_looks.read_styles": lambda data, budget: consume(read_styles([data], budget, [])),
    "hwp.contents": _hangul,
    "powerpoint97.read_presentation": _presentation,
    "powerpoint97_records.read_edits": _presentation,
    "powerpoint97_records.walk_records": _presentation,
    "word97.attached_template": _template,
    "word97_content.read_variables": _word_content,
    "word97_content.read_text": _word_content,
    "word97_content.read_comments": _word_content,
    "word97_content.part_of_text": _word_content,
    "word97_content.table_entry": _word_content,
    "word97_shapes.read_shapes": _word_content,
    "excel.biff_objects.read_objects": _book,
    "ooxml.content.main_parts": _held,
    "ooxml.content.read_comments": _held,
    "ooxml.content.read_shapes": _held,
    "excel.sheet_content.list_sheets": _held,
    "excel.sheet_values.read_values": _held,
    "excel.sheet_values.read_shared_texts": _held,
    "vba.oforms.read_contents": lambda data, budget: consume(
        read_contents(read_compound_file(Blob(data), budget), "", budget)
    ),
    "page evaluation": lambda data, budget: consume(run_page(read_page(data.decode("latin-1"), budget), budget)),
    "vba evaluation": _evaluated,
    "vba.pcode.read_code": _compiled,
    "mime.transfer.decode_uuencode": _uuencoded,
    "pdf.filters.decoded": _pdf_filters,
    "installer.actions.custom_actions": _actions,
    "pdf.actions.script_of": _pdf_actions,
    "pdf.actions.started_by": _pdf_actions,
    "pdf.actions.target_of": _pdf_actions,
    "pdf.objects.read_stream": _pdf_streams,
    "old_archive.unpack_member": _old,
    "rar members": _rar,
    "rtf.data.decoded": _rtf_data,
    "script.secure_string.decrypt": _secured,
    "zip.crypto.decrypted": _zip_crypto,
}
"""What views do when they are asked for more, and parsers whose arguments another parser makes."""


@cache
def targets() -> dict[str, Target]:
    """Every target by name."""
    made = {name: target_of(function) for name, function in parsers()}
    return {name: one for name, one in made.items() if one is not None} | DEEPER


def run(name: str, data: bytes, work: int = WORK) -> Budget:
    """Run a target on bytes; what it spent. Anything but `FormatError` and `BudgetSpent` escapes."""
    budget = Budget(Limits(work=work), clock=lambda: 0.0)
    with suppress(FormatError, BudgetSpent):
        targets()[name](data, budget)
    return budget


def main() -> None:
    """Fuzz one target with atheris, without end."""
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in targets():
        sys.exit(f"usage: targets.py TARGET [corpus folder] [libFuzzer options]\ntargets: {', '.join(targets())}")
    import atheris

    atheris.instrument_all()
    atheris.Setup(sys.argv, lambda data: run(name, bytes(data)))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, "utf-8", line_buffering=True)
    main()
