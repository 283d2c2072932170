"""What a macro would do, evaluated from where the document starts it: commands, addresses, files, with their place."""

from collections.abc import Iterable, Iterator

from emotriage.analyzers import vba_steps
from emotriage.analyzers.vba_macros import Macros
from emotriage.catalogue import vba as rules
from emotriage.emulation.batch import expand
from emotriage.emulation.cmd import started
from emotriage.emulation.programs import addresses_in
from emotriage.emulation.script import unfold
from emotriage.emulation.vba.host import Effect, Surroundings
from emotriage.emulation.vba.machine import run
from emotriage.formats.oforms import Control
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget

_SHOWN = 8
_ADDRESSES = 64
_FILES = 16
_SHORTEST = 16
"""Characters of a written text from which on it is looked at as a file."""
_LISTED = ("@", "*", "|", ",", ";")
"""What stands between the addresses of a list, which is one text until it is split."""


def look(macros: Macros, controls: tuple[Control, ...]) -> Iterator[Found]:
    """Evaluate a project and report what comes out."""
    entries = macros.entries.automatic + macros.entries.controls
    if not entries:
        return
    budget = macros.program.budget
    done = run(macros.program, entries, Surroundings({one.path: one.fields for one in controls}), budget)
    if not done.complete:
        yield rules.UNFINISHED(macros.evidence(*_first(macros, entries), "the loop or step limit"))
    commands = [one for one in done.effects if one.kind == "start" and one.what]
    if commands:
        yield rules.WOULD_START(*(_evidence(macros, one) for one in commands[:_SHOWN]))
    lines = {one.what: (one.what, *started(one.what, budget)) for one in commands}
    for one in commands:
        for line in lines[one.what]:
            yield Indicator(kind="command", value=line, origin="emulated", where=macros.where(one.module, one.at))
    for number, one in enumerate(one for one in done.effects if one.kind == "write" and len(one.detail) >= _SHORTEST):
        if number < _FILES:
            yield Child(f"written-{number}-{_file_name(one.what)}", one.detail.encode("utf-8", "surrogatepass"))
    found: dict[str, Effect] = {}
    for one in done.effects:
        for url in _addresses((*lines.get(one.what, (one.what,)), one.detail), budget) if one.kind != "object" else ():
            if len(found) < _ADDRESSES:
                found.setdefault(url, one)
    if found:
        places = (macros.evidence(one.module, one.at, url) for url, one in found.items())
        yield rules.WOULD_FETCH(*list(places)[:_SHOWN])
    for url, one in found.items():
        yield Indicator(kind="url", value=url, origin="emulated", where=macros.where(one.module, one.at))
    yield from vba_steps.look(macros, entries, done.effects, lines, found)


def _file_name(path: str) -> str:
    return path.replace("/", "\\").rpartition("\\")[2][-64:]


def _first(macros: Macros, entries: tuple[int, ...]) -> tuple[int, int]:
    node = macros.program.nodes[entries[0]]
    return node.module, node.procedure.start


def _evidence(macros: Macros, effect: Effect) -> Evidence:
    return macros.evidence(effect.module, effect.at, effect.what)


def _addresses(texts: Iterable[str], budget: Budget) -> Iterator[str]:
    """Addresses in texts as they are, and with their covers off."""
    for text in filter(None, texts):
        for plain in dict.fromkeys((text, expand(text, budget).text)):
            yield from _in(plain)
            for one in unfold(plain, budget).layers:
                yield from _in(one.text)


def _in(text: str) -> Iterator[str]:
    """Addresses in a text; a list of several, joined by a sign, is taken apart."""
    for sign in _LISTED:
        for scheme in ("http", "ftp"):
            text = text.replace(f"{sign}{scheme}", f" {scheme}")
    yield from addresses_in(text)
