"""What a macro would do, evaluated from where the document starts it: commands, addresses, files, with their place."""

import re
from collections.abc import Iterable, Iterator

from emotriage.analyzers.document_data import CompoundDocument, Held, PackageDocument
from emotriage.analyzers.vba import memory as vba_memory
from emotriage.analyzers.vba import steps as vba_steps
from emotriage.analyzers.vba.behaviour import stays
from emotriage.analyzers.vba.macros import Macros
from emotriage.catalogue import vba as rules
from emotriage.emulation.cmd import started
from emotriage.emulation.cmd.batch import expand
from emotriage.emulation.programs import addresses_in
from emotriage.emulation.script import Layer, unfold
from emotriage.emulation.vba.host import Effect, Surroundings
from emotriage.emulation.vba.machine import Run, run
from emotriage.emulation.vba.plausible import is_command
from emotriage.emulation.vba.world import WORLDS
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.ooxml import Package
from emotriage.formats.vba.oforms import Control
from emotriage.model.analyzer import Child, Found, Subject
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import MIB, Budget
from emotriage.model.passwords import Passwords
from emotriage.model.step import Recovered

_SHOWN = 8
_ADDRESSES = 64
_FILES = 16
_PASSWORDS = 8
_SHORTEST = 16
"""Characters of a written text from which on it is looked at as a file."""
_LISTED = ("@", "*", "|", ",", ";")
"""What stands between the addresses of a list, which is one text until it is split."""
_ELSEWHERE = 256 * MIB
"""Work that may be spent on running a macro again as if it were in other countries."""
_SERVER = re.compile(r"(?:[^/?#@\s]{0,256}@)?([\w.-]+|\[[0-9A-Fa-f:.]+\])(?=[:/?#]|$)")
_TAKEN_APART = re.compile(r"[^/.]{0,8}\.(?i:split)$")
_COVER = re.compile(r"[\^!]|:~|(?i:\bset\b)")
"""What takes a command line apart, so that the addresses in it are not those that the command within it has."""
_UNKNOWN_PART = "(partly unknown) "


def look(macros: Macros, subject: Subject, controls: tuple[Control, ...]) -> Iterator[Found]:
    """Evaluate a project and report what comes out."""
    entries = macros.entries.automatic + macros.entries.controls
    if not entries:
        return
    held: Held
    if isinstance(subject.beside, Package):
        held = PackageDocument(subject.beside, subject.budget)
        controls += held.controls()
    else:
        held = CompoundDocument(subject.view(read_compound_file), subject.budget)
    texts = {one.path: one.fields for one in reversed(controls)}
    done = _everywhere(macros, entries, Surroundings(texts, held))
    if not done.complete:
        yield rules.UNFINISHED(macros.evidence(*_first(macros, entries), "the loop or step limit"))
    if held.gaps:
        yield rules.UNREAD_CONTENT(*(Evidence(one) for one in dict.fromkeys(held.gaps[:_SHOWN])))
    lines = _lines(done.effects, macros.program.budget)
    yield from _commands(macros, done.effects, lines)
    yield from vba_memory.look(macros, done.effects)
    yield from _files(done.effects)
    covers: dict[str, tuple[Layer, ...]] = {}
    found = _addressed(done.effects, lines, covers, macros.program.budget)
    if any(covers.values()):
        from emotriage.analyzers.script_steps import recovered  # it can tell languages apart, which takes long to learn

        yield from recovered((layer for layers in covers.values() for layer in layers), "command")
    if found:
        places = (macros.evidence(one.module, one.at, url) for url, one in found.items())
        yield rules.WOULD_FETCH(*list(places)[:_SHOWN])
    for url, one in found.items():
        yield Indicator(kind="url", value=url, origin="emulated", where=macros.where(one.module, one.at))
    lasting = [one for one in done.effects if one.kind == "registry" and stays(one.what)]
    if lasting:
        yield rules.PERSISTENCE(*(macros.evidence(one.module, one.at, one.what) for one in lasting[:_SHOWN]))
    passwords = [one.what for one in done.effects if one.kind == "password" and not one.partly]
    yield Passwords.of(passwords[:_PASSWORDS], "macro")
    yield from vba_steps.look(macros, entries, done.effects, lines, found)


def _everywhere(macros: Macros, entries: tuple[int, ...], around: Surroundings) -> Run:
    """Run it; where it asks for the country and comes to no command, again as if in each of some countries."""
    budget = macros.program.budget
    before = budget.work
    done = run(macros.program, entries, around, budget)
    if not done.asked or _comes_to(done, budget):
        return done
    for world in WORLDS:
        if (budget.work - before) > _ELSEWHERE:
            break
        there = run(macros.program, entries, Surroundings(around.controls, around.document, world), budget)
        if _comes_to(there, budget):
            return there
    return done


def _comes_to(done: Run, budget: Budget) -> bool:
    starts = [one for one in done.effects if one.kind == "start"]
    return any(not one.partly and one.what and is_command(one.what, budget) for one in starts)


def _lines(effects: tuple[Effect, ...], budget: Budget) -> dict[str, tuple[str, ...]]:
    """The command lines that each command comes to; none of a text that is no command line."""
    commands = dict.fromkeys(one.what for one in effects if one.kind == "start" and one.what)
    return {one: (one, *started(one, budget)) for one in commands if is_command(one, budget)}


def _commands(macros: Macros, effects: tuple[Effect, ...], lines: dict[str, tuple[str, ...]]) -> Iterator[Found]:
    """What would be started; a text that is no command line is said to be none."""
    commands = [one for one in effects if one.kind == "start" and one.what]
    if not commands:
        return
    commands.sort(key=lambda one: one.what not in lines)
    shown = []
    for one in commands[:_SHOWN]:
        text = one.what if one.what in lines else f"not decoded: {one.what}"
        shown.append(macros.evidence(one.module, one.at, (_UNKNOWN_PART if one.partly else "") + text))
    yield rules.WOULD_START(*shown)
    for one in commands:
        where = macros.where(one.module, one.at) + (" " + _UNKNOWN_PART.strip() if one.partly else "")
        for line in lines.get(one.what, ()):
            yield Indicator(kind="command", value=line, origin="emulated", where=where)


def _files(effects: tuple[Effect, ...]) -> Iterator[Found]:
    """Files that would be written, texts handed to script engines, and programs put into memory."""
    number = 0
    for one in effects:
        if one.kind == "write" and len(one.detail) >= _SHORTEST:
            name, content = f"written-{number}-{_file_name(one.what)}", one.detail
        elif one.kind == "script" and len(one.what) >= _SHORTEST:
            name, content = f"script-{number}", one.what
        elif one.kind == "memory" and vba_memory.is_worth_a_look(one.detail):
            name, content = f"memory-{number}.bin", one.detail
        else:
            continue
        if number < _FILES:
            if one.kind != "memory" and "\0" not in content:
                yield Recovered(name, "text", content)
            yield Child(name, _bytes(content))
        number += 1


def _bytes(content: str) -> bytes:
    """A text as a file: bytes where all of its characters can be some."""
    try:
        return content.encode("latin-1")
    except UnicodeEncodeError:
        return content.encode("utf-8", "surrogatepass")


def _addressed(
    effects: tuple[Effect, ...],
    lines: dict[str, tuple[str, ...]],
    covers: dict[str, tuple[Layer, ...]],
    budget: Budget,
) -> dict[str, Effect]:
    """Addresses in all that would be done.

    Args:
        effects: what would be done.
        lines: by command, the command lines that it comes to.
        covers: takes what is under the covers of each text.
        budget: charged for all that is read.
    """
    found: dict[str, Effect] = {}
    for one in effects:
        if one.kind in ("object", "call", "memory"):
            continue
        outer, *inner = lines.get(one.what, (one.what,))
        within = dict.fromkeys(_addresses(inner, covers, budget))
        if not (within and _COVER.search(outer)):
            within |= dict.fromkeys(_addresses((outer, one.detail), covers, budget))
        hosts = {url: _host(url) for url in within}
        dotted = any("." in host for host in hosts.values())
        for url, host in hosts.items():
            if host and ("." in host or not dotted) and len(found) < _ADDRESSES:
                found.setdefault(url, one)
    return found


def _host(url: str) -> str:
    """The server of an address; nothing where that is no name, or was not known.

    A name without a dot that stands beside others with one is the beginning of one that is still covered.
    """
    found = _SERVER.match(url.partition("://")[2])
    return found[1] if found else ""


def _file_name(path: str) -> str:
    return path.replace("/", "\\").rpartition("\\")[2][-64:]


def _first(macros: Macros, entries: tuple[int, ...]) -> tuple[int, int]:
    node = macros.program.nodes[entries[0]]
    return node.module, node.procedure.start


def _addresses(texts: Iterable[str], covers: dict[str, tuple[Layer, ...]], budget: Budget) -> Iterator[str]:
    """Addresses in texts as they are, and with their covers off."""
    for text in filter(None, texts):
        for plain in dict.fromkeys((text, expand(text, budget).text)):
            yield from _in(plain)
            if plain not in covers:
                covers[plain] = unfold(plain, budget).layers
            for one in covers[plain]:
                yield from _in(one.text)


def _in(text: str) -> Iterator[str]:
    """Addresses in a text; a list of several, joined by a sign, is taken apart.

    What takes it apart may stand right behind, where a covered quotation mark was no end.
    """
    for sign in _LISTED:
        for scheme in ("http", "ftp"):
            text = text.replace(f"{sign}{scheme}", f" {scheme}")
    for url in addresses_in(text):
        yield _TAKEN_APART.sub("", url)
