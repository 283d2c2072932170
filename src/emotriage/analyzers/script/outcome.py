"""What a script comes to when it is evaluated: commands, addresses and files, and which of them it hides."""

import re
from collections.abc import Iterable, Iterator

from emotriage.analyzers.script_steps import place
from emotriage.catalogue import script as rules
from emotriage.emulation.effects import Effect, Run
from emotriage.emulation.programs import program_of, suffix_of
from emotriage.emulation.script import Layer
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import RECORD, Budget

_EVIDENCE = 8
_INDICATORS = 64
_FILES = 16
_SHORT = 3
_HOST = re.compile(r"(?i)\b[a-z][a-z+.-]{1,15}://(?:[^/\s@]{1,80}@)?([^/\s:?#]{1,253})")
_FIRST = re.compile(r"\s*(?:\"([^\"]{1,260})\"|(\S{1,260}))")
_STARTERS = ("wscript.shell", "shell.application", "win32_process", "winmgmts", "mmc20", "schedule.service")
_FETCHERS = ("xmlhttp", "winhttp", "internetexplorer", "webclient", "bitstransfer")
_PROGRAMS = frozenset({".exe", ".dll", ".scr", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".hta", ".bat", ".cmd", ".ps1"})


def judge_run(run: Run, plain: str, budget: Budget) -> Iterator[Found]:
    """Findings, indicators and children from what a script would do.

    Args:
        run: what evaluating it brought.
        plain: the script as it stands, in lower case.
        budget: charged for every effect.
    """
    if not run.complete:
        yield rules.NOT_EVALUATED_WHOLE(Evidence(f"after {len(run.layers)} texts and {len(run.effects)} acts"))
    budget.spend(RECORD * len(run.effects) + 8 * len(plain))
    starts = [one for one in run.effects if one.kind == "start" and len(one.what.strip()) > _SHORT]
    fetches = [one for one in run.effects if one.kind == "fetch" and _HOST.match(one.what)]
    made = [one for one in run.effects if one.kind == "object"]
    if starts:
        yield rules.WOULD_START(*_evidence(run, starts))
    if fetches:
        yield rules.WOULD_FETCH(*_evidence(run, fetches))
    hidden = [one for one in made if _hides(one, _STARTERS, plain)]
    hidden += [one for one in starts if _is_hidden(_program(one.what), plain)]
    if hidden:
        yield rules.HIDDEN_START(*_evidence(run, hidden))
    hidden = [one for one in made if _hides(one, _FETCHERS, plain)]
    hidden += [one for one in fetches if _is_hidden(_server(one.what), plain)]
    if hidden and (fetches or _fetches(run)):
        yield rules.HIDDEN_FETCH(*_evidence(run, hidden))
    yield from _indicators(run, starts, fetches, plain)
    yield from _files(run)


def layers_of(run: Run) -> Iterator[Layer]:
    """The texts that a script runs as code, as readings of it."""
    for one in run.layers[1:]:
        if len(one.text) > _SHORT:
            yield Layer(one.text, (one.by or "script",))


def _hides(effect: Effect, words: Iterable[str], plain: str) -> bool:
    """True when an object is of one of these classes, and the script does not say so."""
    name = effect.what.lower()
    return any(word in name and word not in plain for word in words)


def _fetches(run: Run) -> bool:
    return any(one.kind == "fetch" for one in run.effects)


def _program(command: str) -> str:
    first = _FIRST.match(command)
    return program_of(first[1] or first[2]) if first else ""


def _server(address: str) -> str:
    found = _HOST.match(address)
    return found[1].lower() if found else ""


def _is_hidden(name: str, plain: str) -> bool:
    """True for a name of some length that the script does not say."""
    return len(name) > _SHORT and "%" not in name and name.lower() not in plain


def _evidence(run: Run, effects: Iterable[Effect]) -> list[Evidence]:
    shown: dict[str, Evidence] = {}
    for one in effects:
        shown.setdefault(one.what, Evidence(one.what.strip()[:400], where=_place(run, one)))
    return list(shown.values())[:_EVIDENCE]


def _place(run: Run, effect: Effect) -> str:
    return f"{effect.by}, {place(run, effect)}"


def _indicators(run: Run, starts: list[Effect], fetches: list[Effect], plain: str) -> Iterator[Indicator]:
    seen: set[str] = set()
    for kind, effects in (("url", fetches), ("command", starts)):
        for one in effects[:_INDICATORS]:
            value = one.what.strip()
            if value not in seen:
                seen.add(value)
                origin: Origin = "literal" if value.lower() in plain else "emulated"
                yield Indicator(kind=kind, value=value, origin=origin, where=_place(run, one))


def _files(run: Run) -> Iterator[Found]:
    """Programs and scripts that would be written, with what would be in them."""
    number = 0
    for one in run.effects:
        if one.kind == "write" and len(one.detail) > _SHORT and _is_program(one) and number < _FILES:
            wide = any(ord(letter) > 255 for letter in one.detail[:4096])
            name = one.what.replace("/", "\\").rpartition("\\")[2] or f"written-{number}"
            yield Child(name, one.detail.encode("utf-8" if wide else "latin-1", "replace"))
            number += 1


def _is_program(effect: Effect) -> bool:
    """True for a file that can be started, by its name or by what is in it."""
    return suffix_of(effect.what) in _PROGRAMS or effect.detail[:2] == "MZ"
