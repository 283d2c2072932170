"""Excel 4.0 macro sheets: where they are, how they start, and what their formulas call.

Nothing runs: macros are followed on an emulator, and what is off its ways is evaluated as far as constants carry. Where
neither says what a sheet does, its shape speaks: hidden, started by a name, asking, writing what is spelled in letters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from emotriage.analyzers.xlm import links as xlm_links
from emotriage.analyzers.xlm import run as xlm_run
from emotriage.analyzers.xlm.formulas import Survey, shorten
from emotriage.analyzers.xlm.starts import NOT_STARTED, Started, started_in_file, started_in_package
from emotriage.catalogue import ole
from emotriage.catalogue import xlm as rules
from emotriage.formats.cfb import Entry, read_compound_file
from emotriage.formats.excel.biff8 import read_stray_sheets, read_workbook
from emotriage.formats.excel.macrosheet import DefinedName, Sheet, Workbook
from emotriage.formats.excel.slk import read_symbolic_link
from emotriage.formats.excel.spreadsheetml import read_workbooks
from emotriage.formats.office_crypto import candidates, is_default
from emotriage.formats.ooxml import read_package
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.passwords import Opened

_EVIDENCE = 8
_STREAMS = ("workbook", "book")


@analyzer("xlm", kinds={"biff", "ole", "ooxml", "slk"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the macro sheets of every workbook in the artifact."""
    if subject.kind == "ooxml":
        package = subject.view(read_package)
        for workbook in read_workbooks(package, subject.budget):
            started = started_in_package(package, subject.budget) if workbook.macrosheets else NOT_STARTED
            yield from _judge(workbook, "", subject.budget, started)
        return
    if subject.kind == "slk":
        book = read_symbolic_link(subject.blob, subject.budget)
        yield from xlm_links.look(book, subject.budget)
        yield from _judge(book, "", subject.budget)
        return
    if subject.kind == "biff":
        yield from _bare(subject)
        return
    compound = subject.view(read_compound_file)
    streams = [one for one in compound.entries if one.kind == "stream" and one.name.lower() in _STREAMS]
    read: list[tuple[Entry, Workbook]] = []
    known = {one.value: one for one in candidates(subject.passwords, subject.name, subject.limits.passwords)}
    passwords = tuple(known)
    for entry in streams:
        try:
            workbook = read_workbook(compound.open(entry), subject.budget, entry.path, passwords)
        except (Malformed, Unsupported) as error:
            yield _unread(error, entry.path)
            continue
        read.append((entry, workbook))
        if workbook.password is not None:
            opened = known[workbook.password]
            yield Opened.by(opened)
            rule = ole.DEFAULT_PASSWORD if is_default(opened) else ole.OPENED
            yield rule(Evidence(workbook.scheme, where=entry.path))
        started = started_in_file(subject) if workbook.macrosheets else NOT_STARTED
        yield from _judge(workbook, f"{entry.path}: " if len(streams) > 1 else "", subject.budget, started)
    yield from _compare(read)
    for entry, workbook in read:
        strays = read_stray_sheets(compound.open(entry), subject.budget, entry.path, passwords)
        if strays:
            yield from _judge(replace(workbook, sheets=strays, names=(), anomalies=()), "", subject.budget)


def _bare(subject: Subject) -> Iterator[Found]:
    """A workbook's stream that is in no compound file, as Excel opens it too."""
    known = {one.value: one for one in candidates(subject.passwords, subject.name, subject.limits.passwords)}
    try:
        book = read_workbook(subject.blob, subject.budget, "stream", tuple(known))
    except (Malformed, Unsupported) as error:
        yield _unread(error, "stream")
        return
    if book.password is not None:
        yield Opened.by(known[book.password])
        yield (ole.DEFAULT_PASSWORD if is_default(known[book.password]) else ole.OPENED)(Evidence(book.scheme))
    yield from _judge(book, "", subject.budget)
    if strays := read_stray_sheets(subject.blob, subject.budget, "stream", tuple(known)):
        yield from _judge(replace(book, sheets=strays, names=(), anomalies=()), "", subject.budget)


def _unread(error: Malformed | Unsupported, where: str) -> Found:
    """The gap that a stream leaves which is no workbook of a version that is read."""
    rule = rules.OLD_WORKBOOK if isinstance(error, Unsupported) else rules.DAMAGED
    return rule(Evidence(str(error), where=where))


def _judge(workbook: Workbook, prefix: str, budget: Budget, started: Started = NOT_STARTED) -> Iterator[Found]:
    """What one workbook's list of sheets, names and macro sheets say."""
    yield from _gaps(workbook, prefix)
    sheets = workbook.macrosheets
    if not sheets:
        return
    yield rules.MACROSHEET(
        *(Evidence(_describe(one), f"{prefix}{one.name or one.where}") for one in sheets[:_EVIDENCE])
    )
    for rule, wanted in ((rules.HIDDEN, "hidden"), (rules.VERY_HIDDEN, "very-hidden")):
        if hidden := [one for one in sheets if one.state == wanted and (one.cells or not one.read)]:
            yield rule(*(Evidence(_describe(one), prefix + one.name) for one in hidden[:_EVIDENCE]))
    if strays := [one for one in sheets if not one.listed]:
        yield rules.UNLISTED(*(Evidence(_describe(one), prefix + one.where) for one in strays[:_EVIDENCE]))
    yield from _names(workbook, prefix)
    survey = Survey(budget)
    for sheet in sheets:
        for cell in sheet.cells:
            survey.constant(cell, f"{prefix}{sheet.name or sheet.where}!{cell.ref}")
    run = xlm_run.Run(workbook, prefix, budget, started)
    yield from run.look(survey)
    yield from survey.findings()
    yield from run.children()


def _describe(sheet: Sheet) -> str:
    formulas = sum(1 for one in sheet.cells if one.formula)
    return f"{sheet.state}, {formulas} formulas" if sheet.read else f"{sheet.state}, not read"


def _gaps(workbook: Workbook, prefix: str) -> Iterator[Found]:
    """What could not be read, and what contradicts itself."""
    if workbook.encrypted:
        yield rules.ENCRYPTED(Evidence(workbook.scheme or "FILEPASS", where=workbook.where))
    lost = [one for one in workbook.anomalies if one.incomplete]
    differing = [one for one in workbook.anomalies if one.code == "sheet-type-differs"]
    odd = [one for one in workbook.anomalies if not one.incomplete and one not in differing]
    for rule, group in ((rules.DAMAGED, lost), (rules.TYPE_DIFFERS, differing), (rules.ODD_STRUCTURE, odd)):
        if group:
            yield rule(*(Evidence(one.code, prefix + one.where) for one in group[:_EVIDENCE]))
    unread = [Evidence("not read", prefix + (one.name or one.where)) for one in workbook.macrosheets if not one.read]
    unread += [
        Evidence(shorten(cell.formula), f"{prefix}{one.name or one.where}!{cell.ref}")
        for one in workbook.macrosheets
        for cell in one.cells
        if not cell.complete
    ][:_EVIDENCE]
    if unread:
        yield rules.UNREAD(*unread[:_EVIDENCE])


def _names(workbook: Workbook, prefix: str) -> Iterator[Found]:
    """Names that start something."""
    automatic = [one for one in workbook.names if one.auto]

    def places(names: Sequence[DefinedName]) -> Iterator[Evidence]:
        return (
            Evidence(shorten(f"{one.name} {one.formula}".strip()), f"{prefix}defined name") for one in names[:_EVIDENCE]
        )

    if automatic:
        yield rules.AUTORUN(*places(automatic))
    if disguised := [one for one in automatic if one.disguised]:
        yield rules.DISGUISED_AUTORUN(*places(disguised))
    if hidden := [one for one in automatic if one.hidden]:
        yield rules.HIDDEN_AUTORUN(*places(hidden))


def _compare(read: list[tuple[Entry, Workbook]]) -> Iterator[Found]:
    """Two workbooks side by side must have the same macro sheets."""
    by_parent: dict[int, list[tuple[Entry, Workbook]]] = {}
    for entry, workbook in read:
        by_parent.setdefault(entry.parent, []).append((entry, workbook))
    for group in by_parent.values():
        contents = [
            [(sheet.name, sheet.state, [one.functions for one in sheet.cells]) for sheet in workbook.macrosheets]
            for _, workbook in group
            if not workbook.encrypted
        ]
        if any(one != contents[0] for one in contents[1:]):
            yield rules.AMBIGUOUS(
                *(
                    Evidence(f"{len(workbook.macrosheets)} macro sheets", entry.path)
                    for entry, workbook in group[:_EVIDENCE]
                )
            )
