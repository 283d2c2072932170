"""Windows Installer packages: what their actions run, where their files are, and the streams that hold them."""

import re
from collections.abc import Iterator

from emotriage.catalogue import archive as names
from emotriage.catalogue import msi as rules
from emotriage.containers.member_names import Named, NameRules, judge_active
from emotriage.containers.ole import opens_as_file
from emotriage.emulation.programs import FETCHERS, PROXIES, SCRIPT_HOSTS, program_of
from emotriage.formats.cfb import CompoundFile, read_compound_file
from emotriage.formats.com_classes import class_of
from emotriage.formats.installer import Database, is_database, read_database
from emotriage.formats.installer.actions import Action, custom_actions
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator

_TABLES = ("Property", "CustomAction", "InstallExecuteSequence", "InstallUISequence", "File", "Media")
_EVIDENCE = 16
_SHOWN = 400
_SCRIPTS = {"jscript": ".js", "vbscript": ".vbs"}
_SAID = ("ProductName", "Manufacturer", "ProductVersion")
_NAMES = NameRules(names.UNSAFE_NAME, names.ACTIVE_MEMBER, names.ACTIVE_MEMBER)
_FIRST = re.compile(r'\s*(?:"([^"]{1,260})"|(\S{1,260}))')
_RUNS = SCRIPT_HOSTS | PROXIES | FETCHERS


@analyzer("installer", kinds={"ole"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Read the tables, report the actions, and hand on what has no structure of its own."""
    compound = subject.view(read_compound_file)
    root = compound.entries[0].clsid if compound.entries else ""
    known = class_of(root)
    if not is_database(compound):
        if known is not None and known.role == "installer":
            yield rules.PACKAGE(Evidence(known.title, where="/"))
        return
    database = read_database(compound, _TABLES, subject.budget)
    values = {str(one.get("Property", "")): str(one.get("Value", "")) for one in database.tables.get("Property", ())}
    said = [Evidence(values[one][:_SHOWN], where=one) for one in _SAID if values.get(one)]
    yield rules.PACKAGE(*(said or [Evidence(known.title if known else "Windows Installer tables", where="/")]))
    if database.anomalies:
        yield rules.NOT_READ(*(Evidence(one.code, one.where) for one in database.anomalies[:_EVIDENCE]))
    yield from _actions(subject, database)
    yield from _files(subject, database)
    yield from _streams(compound, database)


def _actions(subject: Subject, database: Database) -> Iterator[Found]:
    by_rule: dict[str, tuple[Rule, list[Evidence]]] = {}
    for number, one in enumerate(custom_actions(database, subject.budget)):
        starts = one.sort in ("command", "property") and _interpreter(one.text)
        for rule in _rules(one, starts=starts):
            by_rule.setdefault(rule.id, (rule, []))[1].append(Evidence(_shown(one), where=_place(one)))
        if one.sort in _SCRIPTS and one.where in ("folder", "property") and one.text:
            yield Child(f"{one.name or number}{_SCRIPTS[one.sort]}", one.text.encode("utf-8", "replace"))
        elif starts:
            yield Indicator(kind="command", value=one.text, where=_place(one))
            yield Child(f"{one.name or number}.cmd", one.text.encode("utf-8", "replace"))
        elif one.sort == "command":
            yield Indicator(kind="command", value=one.text, where=_place(one))
    for rule, evidence in by_rule.values():
        yield rule(*evidence[:_EVIDENCE])


def _rules(one: Action, *, starts: bool) -> Iterator[Rule]:
    if starts:
        yield rules.RUNS_INTERPRETER
    if one.sort == "command":
        yield rules.RUNS_COMMAND
    if one.sort in _SCRIPTS:
        yield rules.RUNS_SCRIPT
    if one.sort == "library":
        yield rules.RUNS_LIBRARY


def _interpreter(command: str) -> bool:
    first = _FIRST.match(command)
    return first is not None and program_of(first[1] or first[2]) in _RUNS


def _shown(one: Action) -> str:
    return (one.text if one.sort != "library" else f"{one.source}: {one.text}")[:_SHOWN] or one.source


def _place(one: Action) -> str:
    return f"{one.name}, step {one.number}" if one.number >= 0 else one.name


def _files(subject: Subject, database: Database) -> Iterator[Found]:
    """Names of what is installed, and cabinets that are not in the package."""
    listed = [str(one.get("FileName", "")).rpartition("|")[2] for one in database.tables.get("File", ())]
    yield from judge_active([Named(one) for one in listed], _NAMES, subject.budget)
    there = {name.lower() for name, _ in database.streams}
    cabinets = [str(one.get("Cabinet", "")) for one in database.tables.get("Media", ())]
    lost = [one for one in cabinets if one and one.removeprefix("#").lower() not in there]
    if lost:
        yield rules.ELSEWHERE(*(Evidence(one, where="Media") for one in lost[:_EVIDENCE]))


def _streams(compound: CompoundFile, database: Database) -> Iterator[Child]:
    """Scripts, texts and pictures; what opens as a file of its own is handed on with every other compound file's."""
    for name, entry in database.streams:
        content = compound.open(entry)
        if content.size and not opens_as_file(content):
            yield Child(name, content)
