"""Windows programs: that they are, what starts them, who vouches for them, and which archives they carry."""

import re
from collections.abc import Iterator

from emotriage.catalogue import program as rules
from emotriage.formats.active_magic import find_active
from emotriage.formats.pe import Image, read_image
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence, Rule
from emotriage.model.limits import MIB

_ADDIN = frozenset({"xlautoopen", "xlautoregister", "xlautoregister12"})
_PANEL = frozenset({"cplapplet"})
_EVIDENCE = 8
_LOOK = 64 * MIB
_ARCHIVES = frozenset({"7z archive", "cabinet", "RAR archive", "ZIP archive", "compound file"})
_STUBS: tuple[tuple[bytes, str, Rule], ...] = (
    (rb"\xef\xbe\xad\xdeNullsoftInst", "NSIS", rules.INSTALLER),
    (rb"Inno Setup Setup Data", "Inno Setup", rules.INSTALLER),
    (rb"\.wixburn", "WiX bundle", rules.INSTALLER),
    (rb"InstallShield", "InstallShield", rules.INSTALLER),
    (rb";!@Install@!UTF-8!", "7-Zip", rules.INSTALLER),
    (rb"AU3!EA0[56]", "AutoIt", rules.SCRIPT_COMPILED),
    (rb">AUTOHOTKEY SCRIPT<", "AutoHotkey", rules.SCRIPT_COMPILED),
    (rb"MEI\014\013\012\013\016", "PyInstaller", rules.SCRIPT_COMPILED),
    (rb"PS2EXE|Ps2Exe", "PS2EXE", rules.SCRIPT_COMPILED),
)
_STUB = re.compile(b"|".join(b"(%b)" % pattern for pattern, _, _ in _STUBS))


@analyzer("program", kinds={"executable"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report what the headers, the exports and the marks of well-known stubs say."""
    image = subject.view(read_image)
    if image.end is None:
        return
    signed = any(one.what == "certificates" for one in image.parts)
    said = ["DLL" if image.library else "EXE", *([".NET"] if image.managed else []), "signed" if signed else "unsigned"]
    yield rules.PROGRAM(Evidence(", ".join(said), offset=0))
    if not signed:
        yield rules.UNSIGNED(Evidence("no table of certificates", where="headers"))
    for wanted, rule in ((_ADDIN, rules.EXCEL_ADDIN), (_PANEL, rules.CONTROL_PANEL)):
        if named := [one for one in image.exports if one.lower() in wanted]:
            yield rule(*(Evidence(one, where="exports") for one in named[:_EVIDENCE]))
    yield from _stubs(subject)
    yield from _archives(subject, image)


def _stubs(subject: Subject) -> Iterator[Found]:
    """The first mark of each stub, in the head and the tail of a giant."""
    seen: dict[str, tuple[Rule, Evidence]] = {}
    size = subject.blob.size
    for start, stop in ((0, size),) if size <= _LOOK else ((0, _LOOK // 2), (size - _LOOK // 2, size)):
        for at, window in subject.blob.windows(overlap=32, start=start, stop=stop):
            subject.budget.spend(4 * len(window))
            for found in _STUB.finditer(window):
                _, name, rule = _STUBS[(found.lastindex or 1) - 1]
                seen.setdefault(name, (rule, Evidence(name, where="mark", offset=at + found.start())))
    by_rule: dict[str, tuple[Rule, list[Evidence]]] = {}
    for rule, evidence in seen.values():
        by_rule.setdefault(rule.id, (rule, []))[1].append(evidence)
    for rule, all_of_it in by_rule.values():
        yield rule(*all_of_it[:_EVIDENCE])


def _archives(subject: Subject, image: Image) -> Iterator[Found]:
    """The first archive of each sort in the resources; behind the end, what the reader of overlays does not take."""
    found: dict[int, str] = {}
    for part in image.parts:
        if part.what in ("resources", "managed resources"):
            for one in find_active(subject.blob, subject.budget, part.offset, min(part.end, part.offset + _LOOK)):
                if one.name in _ARCHIVES:
                    found.setdefault(one.offset, one.name)
    for one in find_active(
        subject.blob, subject.budget, image.end or 0, min((image.end or 0) + _LOOK, subject.blob.size)
    ):
        if one.name in _ARCHIVES - {"ZIP archive", "RAR archive"}:
            found.setdefault(one.offset, one.name)
    if found:
        places = sorted(found.items())
        yield rules.ARCHIVE_INSIDE(*(Evidence(name, f"offset {at}", at) for at, name in places[:_EVIDENCE]))
        for at, _ in places[:_EVIDENCE]:
            yield Child(f"archive-{at}", subject.blob.slice(at))
