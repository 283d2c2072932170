"""Internet shortcuts: where a click leads, and with what icon; and what other INI files of the shell load."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from emotriage.catalogue import url as rules
from emotriage.emulation import programs
from emotriage.formats.script import HEAD, dialect
from emotriage.formats.url import Entry, InternetShortcut, read_internet_shortcut
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.step import Step

_TARGETS = ("url", "baseurl", "origurl", "targeturl")
_SCRIPT_SCHEMES = re.compile(
    r"(?i)^(?:javascript|vbscript|data|mhtml|mk|ms-msdt|ms-officecmd|ms-appinstaller|search-ms|search|ms-search|shell|script"
    r"|hcp|res|ms-its|its|ldap|jar):"
)
_WEB = re.compile(r"(?i)^(?:https?|ftps?):[/\\]{1,3}([^/?#\\:]*)[^/?#\\]*(?:[/\\]([^?#]*))?")
_ARCHIVE = re.compile(r"(?i)\.(?:zip|cab|iso|rar|7z|tar|vhdx?)[\\/].")
_DISGUISE = re.compile(
    r"(?i)(?:winword|wordicon|excel|xlicons|powerpnt|acrord32|acrobat|foxit\w*|msedge|iexplore|chrome|firefox|notepad"
    r"|shell32|imageres|photoviewer|zipfldr|mspaint)\.(?:exe|dll)$|(?:pdf|docx?|xlsx?|jpe?g|png)(?:\.ico)?$"
)
_PACKED = frozenset({".zip", ".rar", ".7z", ".cab", ".iso", ".img", ".vhd", ".vhdx", ".gz", ".tar"})
_PICTURES = frozenset({".bmp", ".cur", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".ani"})
_RESOURCE = re.compile(r",\s{0,8}-?\d{1,9}$")
_BATCH = frozenset({".bat", ".cmd"})
_SECTION_LINE = re.compile(rb"\[[^\n\]]{1,80}\][^\n]{0,400}\n\0?")
_HARDLY = 0.35
_FILLER = 4 << 10


@analyzer("url", kinds={"url"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge every target that the shortcut names, then how it looks."""
    link = subject.view(read_internet_shortcut)
    yield from _script(subject)
    yield from _shortcut(link) if link.form == "shortcut" else _loads(link)
    if link.filler >= _FILLER:
        yield rules.FILLER(Evidence(f"{link.filler} NUL bytes", "whole file"))
    if lost := [one for one in link.anomalies if one.incomplete]:
        yield rules.CUT(*(Evidence(one.code, one.where, one.offset) for one in lost))


def _script(subject: Subject) -> Iterator[Found]:
    """What stands behind the first section's name, where it reads or is called like a script.

    Whoever runs scripts passes over that line, or fails at it and goes on.
    """
    head = subject.blob.read(0, HEAD)
    section = _SECTION_LINE.search(head)
    if section is None:
        return
    named = programs.suffix_of(subject.name) in programs.SCRIPT_SUFFIXES | _BATCH
    if named or dialect(head[section.end() :]) is not None:
        yield Child(subject.name or "script", subject.blob.slice(section.end()))


def _shortcut(link: InternetShortcut) -> Iterator[Found]:
    targets = [one for key in _TARGETS for one in link.values(key) if one.value]
    if not targets:
        yield rules.NO_TARGET(Evidence("no URL line"))
    doubled = [one for one in targets if one.key == "url" and one.section == targets[0].section]
    if len({one.value for one in doubled}) > 1:
        yield rules.AMBIGUOUS(*(_evidence(one) for one in doubled))
    leads_to_file = False
    for one in targets:
        yield Indicator(kind=_kind(unquote(one.value)), value=one.value, where=one.key)
        found = list(judge_address(one))
        leads_to_file = leads_to_file or bool(found)
        yield from found
    yield from _folder(link, local=bool(targets) and not any(programs.server_of(unquote(t.value)) for t in targets))
    yield from _looks(link, leads_to_file=leads_to_file)
    yield from (Step(action="start", text=one.value, where=one.key, by="click") for one in targets)


def _loads(link: InternetShortcut) -> Iterator[Found]:
    """What Explorer loads to show a folder, a command or a theme: no click is needed for it."""
    for one in link.entries:
        loaded = replace(one, value=_RESOURCE.sub("", one.value.lstrip("@").strip().strip('"')))
        if not programs.server_of(unquote(loaded.value)):
            continue
        yield Step(action="fetch", text=loaded.value, where=one.key, by=link.form)
        if "icon" in one.key or _is_picture(loaded.value):
            yield from remote_icon(loaded)
        else:
            yield Indicator(kind="path", value=loaded.value, where=one.key)
            yield from judge_address(loaded)


def _kind(address: str) -> str:
    """An address that can be blocked, a path, or a command."""
    if _SCRIPT_SCHEMES.match(address):
        return "command"
    server = programs.server_of(address)
    return "url" if _WEB.match(address) or "." in server or programs.is_webdav(address) else "path"


def judge_address(one: Entry) -> Iterator[Found]:
    """Judge where a click leads: a web page, a file on another machine, a program, a command."""
    address = unquote(one.value)
    web = _WEB.match(address)
    if web:
        suffix = programs.suffix_of("/" + (web.group(2) or ""))
        public = programs.is_numeric(web.group(1)) and not programs.is_inside(web.group(1))
        if suffix in programs.ACTIVE_SUFFIXES or (public and suffix in _PACKED):
            sure = public or suffix in programs.SCRIPT_SUFFIXES
            yield rules.PROGRAM_DOWNLOAD(_evidence(one), confidence=1.0 if sure else _HARDLY)
        return
    if _SCRIPT_SCHEMES.match(address):
        yield rules.SCRIPT_ADDRESS(_evidence(one))
        return
    server = programs.server_of(address)
    active = programs.suffix_of(address) in programs.ACTIVE_SUFFIXES
    if not server:
        if active and re.match(r"(?i)(?:file:|[a-z]:[\\/]|%\w)", address):
            yield rules.LOCAL_PROGRAM(_evidence(one))
        return
    yield rules.REMOTE_FILE(_evidence(one))
    webdav = programs.is_webdav(address)
    office = programs.is_inside(server) and not webdav
    kind = "ip" if programs.is_numeric(server) else "host" if office else "domain"
    yield Indicator(kind=kind, value=server, where=one.key)
    if not office:
        sure = webdav or programs.is_numeric(server)
        yield rules.FOREIGN_SERVER(_evidence(one), confidence=1.0 if sure else 0.5)
    if active and server.lower() != address.rstrip("/\\").lower().rpartition("/")[2]:
        yield rules.PROGRAM_TARGET(_evidence(one), confidence=0.5 if office else 1.0)
    if _ARCHIVE.search(address):
        yield rules.INTO_ARCHIVE(_evidence(one))


def _folder(link: InternetShortcut, *, local: bool) -> Iterator[Found]:
    for one in link.values("workingdirectory"):
        if programs.server_of(unquote(one.value)):
            yield Indicator(kind="path", value=one.value, where=one.key)
            if local:
                yield rules.REMOTE_WORKING_DIRECTORY(_evidence(one))


def _looks(link: InternetShortcut, *, leads_to_file: bool) -> Iterator[Found]:
    for one in link.values("iconfile"):
        icon = unquote(one.value)
        if leads_to_file and not programs.server_of(icon) and _DISGUISE.search(icon):
            yield rules.MASQUERADING_ICON(_evidence(one))
        yield from remote_icon(one)
    for one in link.values("showcommand"):
        if one.value == "7":
            yield rules.HIDDEN_WINDOW(_evidence(one))


def remote_icon(one: Entry) -> Iterator[Found]:
    """Judge an icon or picture that lies on another machine."""
    icon = unquote(one.value)
    if server := programs.server_of(icon):
        foreign = programs.is_numeric(server) or programs.is_webdav(icon) or re.search(r"%\w+%", one.value)
        yield (rules.LEAKING_ICON if foreign else rules.REMOTE_ICON)(_evidence(one))
        yield Indicator(kind="path", value=one.value, where=one.key)


def _is_picture(path: str) -> bool:
    """True for the path of a picture."""
    return programs.suffix_of(path) in _PICTURES


def _evidence(one: Entry) -> Evidence:
    return Evidence(one.value, one.key, one.offset)
