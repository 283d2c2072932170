"""What the command line of a shortcut starts: things beside it, things on other machines, things by another's hand."""

import re
from collections.abc import Iterator

from emotriage.catalogue import lnk as rules
from emotriage.emulation import launch, programs
from emotriage.emulation.stock import STOCK
from emotriage.formats.lnk import Shortcut
from emotriage.model.analyzer import Found
from emotriage.model.finding import GUESS, Evidence, Finding
from emotriage.model.limits import Budget

_BLANKS = re.compile(r"[ \t\r\n\v\f\0]{2,}")
_LOADERS, _LIBRARIES = frozenset({"rundll32", "regsvr32"}), frozenset({".dll", ".ocx", ".cpl"})
_UNSURE = 0.5
_SHOWN = 300


def judge_launch(link: Shortcut, text: str, named: frozenset[str], budget: Budget) -> Iterator[Found]:
    """Judge what a script host or system tool is told to start.

    Args:
        link: the shortcut.
        text: its arguments, unfolded.
        named: the script hosts and tools that the target is or the arguments name.
        budget: charged for every pass.
    """
    at = link.strings.arguments_at
    # Where the places of the target disagree, Windows takes the next one when the first is not there.
    started = dict.fromkeys(programs.program_of(path) for _, path in link.targets) or {"": None}
    lines = [f"{program} {_BLANKS.sub(' ', text)}" for program in started]
    if proxied := dict.fromkeys(one for line in lines for one in launch.proxied(line, budget)):
        evidence = (Evidence(words[:_SHOWN], "arguments", at) for words, _ in proxied)
        yield rules.PROXY_EXECUTION(*evidence, confidence=1.0 if any(sure for _, sure in proxied) else _UNSURE)
    beside = list(dict.fromkeys(one for line in lines for one in launch.started_beside(line, budget)))
    beside = [one for one in beside if one not in started]
    loaded = [one for one in beside if programs.suffix_of(one) in _LIBRARIES]
    if loaded and named & _LOADERS and launch.is_nowhere(link.strings.working_dir):
        yield rules.PROXY_EXECUTION(*(Evidence(f"{one}, beside the shortcut", "arguments", at) for one in loaded))
    if beside and launch.is_nowhere(link.strings.working_dir):
        yield rules.BESIDE_SHORTCUT(*(Evidence(one, "arguments", at) for one in beside))
    elif beside and (found := programs.writable_in(f"{link.strings.working_dir}\\{beside[0]}")):
        yield rules.WRITABLE_FOLDER(Evidence(found, "working folder"))
    if unseen := launch.unseen_in([text]):
        yield rules.UNSEEN_FOLDER(*(Evidence(one, "arguments", at) for one in unseen))
    yield from _remote(text, named, at)


def judge_fetching(text: str, named: frozenset[str], at: int | None) -> Iterator[Found]:
    """Judge the addresses that a script host or tool is given, and the words that fetch something."""
    fetch, tool = programs.fetches(text), launch.fetch_tool(text)
    addresses = [one for one in programs.addresses_in(text) if not programs.is_own_machine(one)]
    if addresses or fetch or tool:
        sure = fetch or (addresses and named - programs.OPENERS - programs.EVERYDAY) or (addresses and "hh" in named)
        evidence = (Evidence(one, "arguments", at) for one in (fetch, tool, *addresses) if one)
        yield rules.DOWNLOAD(*evidence, confidence=1.0 if sure else _UNSURE)


def remoteness(path: str) -> float:
    r"""How certain it is that somebody else's code runs when a path is opened: 0.0, 0.5 or 1.0.

    Certain on a WebDAV server or a public address, unsure inside of an office or on a server with a full name; nothing
    where the path leads to no program, script or the like.
    """
    server = programs.server_of(path)
    if not server or programs.suffix_of(path) not in programs.ACTIVE_SUFFIXES:
        return 0.0
    if programs.is_webdav(path):
        return 1.0
    if programs.is_numeric(server):
        return _UNSURE if programs.is_inside(server) else 1.0
    return 0.0 if programs.is_inside(server) else _UNSURE


def judge_targets(link: Shortcut) -> Iterator[Finding]:
    """Judge a target that is no script host by where it lies."""
    targets = link.targets
    if unseen := launch.unseen_in(path for _, path in targets):
        yield rules.UNSEEN_FOLDER(*(Evidence(one, "target") for one in unseen))
    if all(where == "relative path" for where, _ in targets) and not link.extra.darwin:
        for where, path in targets:
            suffix = programs.suffix_of(path)
            program = programs.program_of(path)
            if suffix in programs.ACTIVE_SUFFIXES and launch.is_beside(path) and program not in STOCK:
                yield rules.BESIDE_SHORTCUT(Evidence(path, where), confidence=1.0 if suffix != ".exe" else _UNSURE)


def _remote(text: str, named: frozenset[str], at: int | None) -> Iterator[Found]:
    """Shares that a host is given: code on another machine, or only a folder in the office."""
    shares = programs.shares_in(text)
    strong = bool(named - programs.EVERYDAY)
    certainty = {one: _certainty(one, strong=strong) for one in shares}
    if code := [one for one in shares if certainty[one] > GUESS]:
        best = max(certainty[one] for one in code)
        yield rules.REMOTE_CODE(*(Evidence(one, "arguments", at) for one in code), confidence=best)
    elif shares:
        yield rules.NETWORK_TARGET(*(Evidence(one, "arguments", at) for one in shares))


def _certainty(share: str, *, strong: bool) -> float:
    """A script host that is given a path on a share runs it, more often than not; Explorer shows a folder."""
    server = programs.server_of(share)
    active = programs.suffix_of(share) in programs.ACTIVE_SUFFIXES
    far = programs.is_webdav(share) or not programs.is_inside(server)
    if strong and active:
        return 1.0 if far else _UNSURE
    if far and (active or strong) and (programs.is_webdav(share) or programs.is_numeric(server)):
        return 1.0
    return _UNSURE if far else 0.0
