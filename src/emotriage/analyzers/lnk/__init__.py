"""Windows shortcuts: what a click would start, how that is kept from view, and what the file carries besides."""

import re
from collections.abc import Iterator

from emotriage.analyzers.lnk import steps as lnk_steps
from emotriage.analyzers.lnk.command import judge_command
from emotriage.analyzers.lnk.launch import judge_targets, remoteness
from emotriage.analyzers.lnk.maker import origin
from emotriage.analyzers.lnk.payload import judge_payload
from emotriage.catalogue import lnk as rules
from emotriage.emulation import programs
from emotriage.formats.lnk import Shortcut, read_shortcut
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence, Finding
from emotriage.model.indicator import Indicator
from emotriage.model.stretches import read_stretches

_LIBRARY = re.compile(r"(?i)\.(?:cpl|dll|exe|ocx)$")
_SYSTEM = re.compile(r"(?i)^(?:[a-z]:\\windows|%systemroot%|%windir%)\\(?:system32|syswow64)\\[^\\]+$")
_SEARCH = re.compile(r"(?i)(?:search-ms|ms-search|search):")
_DOCUMENT_ICON = re.compile(
    r"(?i)(?:winword|wordpad|wordicon|excel|xlicons|powerpnt|pptico|outlook|onenote|acrord32|acrobat|foxit\w*|sumatrapdf"
    r"|msedge|iexplore|chrome|firefox|notepad|mspaint|photoviewer|zipfldr|winrar|7zfm|wmplayer|vlc)\.(?:exe|dll)$"
    r"|\.(?:pdf|docx?|xlsx?|pptx?|rtf|txt|jpe?g|png|zip)(?:\.ico)?$|(?:^|[\\/_-])(?:pdf|word|excel|folder)\.ico$"
)
_RUNNABLE = frozenset({".bat", ".cmd", ".com", ".exe", ".pif", ".scr"})
_AT_HOME = re.compile(
    r"(?i)(?:[a-z]:\\(?:program files(?: \(x86\))?|windows|programdata|users\\[^\\]+\\appdata\\local\\programs)"
    r"|%(?:program\w*(?:\(x86\))?|windir|systemroot)%)\\"
)
_SYSTEM_ICONS = {
    "shell32.dll": frozenset({0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 20, 54, 69, 70, 126, 127, 151, 152, 224, 225, 235, -2})
    | frozenset({-4, -5, -8, -9, -10, -71, -152, -153}),
    "imageres.dll": frozenset({1, 2, 3, 4, 5, -2, -3, -4, -5, -68, -70, -71, -72, -83, -102, -112, -113, -184}),
}
"""Icons of documents, pictures, folders and drives, by index, and by minus their resource number."""


@analyzer("lnk", kinds={"lnk"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge structure, the command line in each reading, the target, the looks, and what lies in the file besides."""
    link = subject.view(read_shortcut)
    hosts = _hosts(link)
    yield from lnk_steps.seen(link, subject.name)
    yield from _structure(link)
    reported: set[str] = set()
    readings = dict.fromkeys(one.arguments for one in (link.strings, link.specified) if one is not None)
    for arguments in readings:
        for found in judge_command(link, arguments, hosts, subject.blob, subject.budget):
            if not isinstance(found, Finding) or found.rule not in reported:
                yield found
            if isinstance(found, Finding):
                reported.add(found.rule)
    for found in _target(link, hosts):
        if not isinstance(found, Finding) or found.rule not in reported:
            yield found
    yield from _looks(link, hosts)
    yield from judge_payload(subject.blob, link, subject.view(read_stretches), subject.budget)


def _hosts(link: Shortcut) -> frozenset[str]:
    """Script hosts and system tools among the targets."""
    named = {programs.program_of(path) for _, path in link.targets}
    return frozenset(named & (programs.SCRIPT_HOSTS | programs.PROXIES | programs.FETCHERS))


def _structure(link: Shortcut) -> Iterator[Found]:
    odd = [one for one in link.anomalies if not one.incomplete]
    lost = [one for one in link.anomalies if one.incomplete]
    if odd:
        yield rules.ODD_STRUCTURE(*(Evidence(one.code, one.where, one.offset) for one in odd))
    if lost:
        yield rules.DAMAGED(*(Evidence(one.code, one.where, one.offset) for one in lost))
    if link.specified is not None and link.specified.arguments != link.strings.arguments:
        yield rules.TWO_READINGS(
            Evidence(link.strings.arguments, "as Windows reads it", link.strings.arguments_at),
            Evidence(link.specified.arguments, "as the specification says", link.specified.arguments_at),
        )
    yield from origin(link)


def _target(link: Shortcut, hosts: frozenset[str]) -> Iterator[Found]:
    """What the target is, and whether its places agree."""
    if hosts:
        certainty = 1.0 if hosts - programs.EVERYDAY else GUESS
        evidence = [Evidence(path, where) for where, path in link.targets if programs.program_of(path) in hosts]
        yield rules.SCRIPT_HOST(*evidence, confidence=certainty)
    scripts, remote, shares = [], [], []
    names: dict[str, str] = {}
    sure = 0.0
    for where, path in link.targets:
        suffix, server = programs.suffix_of(path), programs.server_of(path)
        if ":" in path[2:12]:
            yield Indicator(kind="url", value=path, where=where)
        if suffix in programs.SCRIPT_SUFFIXES:
            scripts.append(Evidence(path, where))
        if certainty := 1.0 if _SEARCH.match(path) else remoteness(path):
            remote.append(Evidence(path, where))
            sure = max(sure, certainty)
        elif server:
            shares.append(Evidence(path, where))
        if server:
            yield Indicator(kind="path", value=path, where=where)
        if suffix in programs.ACTIVE_SUFFIXES or path == "%comspec%":
            names[where] = programs.program_of(path)
    if remote:
        yield rules.REMOTE_CODE(*remote, confidence=sure)
    for rule, evidence in ((rules.SCRIPT_FILE, scripts), (rules.NETWORK_TARGET, shares)):
        if evidence:
            yield rule(*evidence)
    yield from judge_targets(link)
    short = {programs.program_of(one.short_name) for one in link.items if one.short_name}
    if len(set(names.values()) - short) > 1:
        yield rules.TARGETS_DISAGREE(*(Evidence(path, where) for where, path in link.targets if where in names))
    libraries = [
        Evidence(text, "IDList", item.offset)
        for item in link.items + link.extra.items
        for text in item.strings
        if _LIBRARY.search(text) and not _SYSTEM.match(text)
    ]
    if libraries:
        yield rules.CONTROL_PANEL_ITEM(*libraries)


def _looks(link: Shortcut, hosts: frozenset[str]) -> Iterator[Found]:
    """Icon, hot key, and the question for the administrator."""
    icon = link.icon
    name = re.split(r"[\\/]", icon.strip().lower())[-1]
    document = _DOCUMENT_ICON.search(icon) or link.icon_index in _SYSTEM_ICONS.get(name, frozenset())
    if document and hosts - programs.EVERYDAY:
        yield rules.MASQUERADING_ICON(Evidence(f"{icon},{link.icon_index}", "icon"))
    elif document and _is_homeless(link, name):
        yield rules.PROGRAM_AS_DOCUMENT(Evidence(f"{icon},{link.icon_index}", "icon"), Evidence(link.target, "target"))
    if programs.server_of(icon) or re.match(r"(?i)https?://", icon):
        yield rules.REMOTE_ICON(Evidence(icon, "icon"))
        yield Indicator(kind="url" if "://" in icon else "path", value=icon, where="icon")
    if link.hot_key:
        yield rules.HOT_KEY(Evidence(f"{link.hot_key:#06x}", "HotKey", 0x40))
    if link.run_as:
        yield rules.RUN_AS(Evidence("RunAsUser", "LinkFlags", 0x14))


def _is_homeless(link: Shortcut, icon: str) -> bool:
    """True when the target is a program that no installer has put where it lies, and does not lend its own icon."""
    target = link.target
    runs = programs.suffix_of(target) in _RUNNABLE and not _AT_HOME.match(target)
    return runs and not link.extra.darwin and icon != re.split(r"[\\/]", target.lower())[-1]
