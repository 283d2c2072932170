"""VBA projects of a compound file: modules with their source, wherever the storage lies; [MS-OVBA] 2.2 and 2.3."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from emotriage.formats.cfb import CompoundFile, Entry, read_compound_file
from emotriage.formats.cfb.header import MAGIC
from emotriage.formats.vba.cache import Cache, Caches
from emotriage.formats.vba.dir import Directory, ModuleRecord, Reference, read_directory
from emotriage.formats.vba.ovba import decompress, find_containers
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.limits import MIB, RECORD, Budget
from emotriage.model.stretches import read_stretches, without_stretches

Kind = Literal["document", "class", "form", "standard", "unknown"]

_DIR_BYTES = 16 * MIB
_PROJECT_BYTES = MIB
_PRESENTATION = "powerpoint document"
_LARGE = 16 * MIB
_EDGE = MIB  # of a source that goes past its limit
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ASTRAL_CODECS = ("utf_8", "gb18030")
_SOMETHING = re.compile(r"[^\0 \t\r\n]")
_HEADER_ONLY = 16  # bytes of _VBA_PROJECT without what the specification calls its performance cache
_OFFICE_95 = b"\xcc\x61"
_NO_MODULES = ("dir", "_vba_project")
_KINDS: dict[str, Kind] = {"document": "document", "module": "standard", "class": "class", "baseclass": "form"}


@dataclass(frozen=True, slots=True)
class Module:
    """One module.

    Attributes:
        name: as the code calls it.
        stream: path of its stream in the compound file.
        source: decompressed text, attribute lines included, line ends as they are; empty when there is none.
        kind: what it is the code of.
        cache: what stands before the source: the compiled code; None where nothing does, or only zeros.
    """

    name: str
    stream: str
    source: str
    kind: Kind
    cache: Cache | None = None


@dataclass(frozen=True, slots=True)
class Project:
    """One VBA project.

    Attributes:
        storage: path of the storage that holds the modules; empty for modules found outside of any.
        name: as the `dir` stream has it.
        modules: in the order of the `dir` stream, then those that it leaves out.
        code_page: Windows code page of names and source.
        references: type libraries and other projects.
        text: the PROJECT stream.
        anomalies: departures from the specification; offsets count in the stream that `where` names.
    """

    storage: str
    name: str
    modules: tuple[Module, ...]
    code_page: int
    references: tuple[Reference, ...]
    text: str
    anomalies: tuple[Anomaly, ...]


def read_projects(blob: Blob, budget: Budget) -> tuple[Project, ...]:
    """All VBA projects of a compound file, none if it has none.

    Raises:
        Malformed: no usable header of a compound file.
    """
    return projects_of(read_compound_file(blob, budget), budget)


def projects_of(file: CompoundFile, budget: Budget) -> tuple[Project, ...]:
    """All VBA projects of a compound file that is read already, in the order of their storages.

    Storages are known by their `dir` or `_VBA_PROJECT` stream, never by their place, so copies in an object pool are
    read too. Streams that no project owns are searched for source where they are orphans, or where no project is.
    """
    reader = _Reader(file, budget)
    for siblings, home in _storages(file, budget):
        reader.project(siblings, home)
    reader.stray()
    return tuple(reader.projects)


def _storages(file: CompoundFile, budget: Budget) -> Iterator[tuple[list[Entry], Entry | None]]:
    """(streams, storage) of everything that looks like a VBA storage; orphans count as one storage without a name."""
    by_parent: dict[int, list[Entry]] = {}
    for entry in file.entries:
        budget.spend(RECORD)
        if entry.kind == "stream":
            by_parent.setdefault(entry.parent, []).append(entry)
    places = {entry.index: entry for entry in file.entries}
    for parent, streams in sorted(by_parent.items()):
        names = {entry.name.lower() for entry in streams}
        home = places.get(parent)
        known = not names.isdisjoint(_NO_MODULES) or (home is not None and home.name.lower() == "vba")
        if known and any(entry.size for entry in streams):  # copies in an object pool are often left empty
            yield streams, home


class _Reader:
    """Collects projects; holds what is left of the bytes that all modules of the file may take."""

    def __init__(self, file: CompoundFile, budget: Budget) -> None:
        self.projects: list[Project] = []
        self._file = file
        self._budget = budget
        listings = [one for one in file.entries if one.kind == "stream" and one.name.lower() == "project"]
        self._listings = {one.parent: one for one in reversed(listings)}  # of each storage the first
        self._room = budget.limits.vba_project_bytes
        self._owned: set[int] = set()
        self._caches = Caches(None, Directory().codec, budget)
        torn = [one.incomplete or one.code == "file-truncated" for one in file.anomalies]
        self._torn = any(torn)  # a list may then be shorter than what it lists, and nobody is hiding anything

    def project(self, streams: Sequence[Entry], home: Entry | None) -> None:
        anomalies: list[Anomaly] = []
        by_name = {entry.name.lower(): entry for entry in reversed(streams)}
        directory = self._directory(by_name.get("dir"), home, anomalies)
        whole = not self._torn and not any(one.incomplete for one in anomalies)
        compiled = by_name.get("_vba_project")
        self._caches = Caches(self._file.open(compiled) if compiled else None, directory.codec, self._budget)
        text = self._project_text(home, directory.codec)
        kinds = _kinds(text)
        modules: list[Module] = []
        for record in directory.modules:
            self._budget.spend(RECORD)
            modules += self._module(record, by_name, directory.codec, kinds, anomalies)
        for entry in streams:
            name = entry.name.lower()
            if entry.index not in self._owned and name not in _NO_MODULES and not name.startswith("__srp_"):
                modules += self._sweep(entry, directory.codec, anomalies, listed=bool(directory.modules), whole=whole)
        self._owned.update(entry.index for entry in streams)
        listed = {module.name.lower() for module in modules}
        if hidden := sorted(name for name in kinds if name not in listed):
            anomalies.append(Anomaly("module-only-in-project-stream", ", ".join(hidden)[:200]))
        if text and _unviewable(text):
            anomalies.append(Anomaly("protection-fields", "PROJECT"))
        left_out = [one.name for one in directory.modules if kinds.keys().isdisjoint(_names_of(one))]
        if text and left_out:
            anomalies.append(Anomaly("module-not-in-project-stream", ", ".join(left_out)[:200], incomplete=self._torn))
        if self._caches.cut:
            anomalies.append(Anomaly("compiled-code-limit", home.path if home else "", incomplete=True))
        if _purged(modules, streams, compiled):
            anomalies.append(Anomaly("purged", home.path if home else ""))
        self.projects.append(
            Project(
                storage=home.path if home else "",
                name=directory.name,
                modules=tuple(modules),
                code_page=directory.code_page,
                references=tuple(directory.references),
                text=text,
                anomalies=tuple(anomalies),
            )
        )

    def stray(self) -> None:
        """Source in streams that no project owns."""
        alone = not self.projects
        anomalies: list[Anomaly] = []
        modules: list[Module] = []
        for entry in self._file.entries:
            if entry.kind != "stream" or entry.name.lower() == _PRESENTATION:  # its objects are files of their own
                continue
            if entry.index not in self._owned and (alone or entry.orphan):
                modules += self._sweep(entry, Directory().codec, anomalies, listed=True, whole=not self._torn)
        if modules:
            unnamed = Directory()
            self.projects.append(Project("", "", tuple(modules), unnamed.code_page, (), "", tuple(anomalies)))

    def _directory(self, entry: Entry | None, home: Entry | None, anomalies: list[Anomaly]) -> Directory:
        if entry is None:
            anomalies.append(Anomaly("dir-missing", home.path if home else "", incomplete=True))
            return Directory()
        self._owned.add(entry.index)
        packed = self._file.open(entry).read(0, _DIR_BYTES)
        if packed.startswith(_OFFICE_95):
            anomalies.append(Anomaly("office-95-project", entry.path, incomplete=True))
            return Directory()
        unpacked = decompress(packed, self._budget, _DIR_BYTES)
        anomalies += [_at(one, entry.path) for one in unpacked.anomalies]
        directory = read_directory(unpacked.data, self._budget)
        anomalies += [_at(one, entry.path) for one in directory.anomalies]
        if not directory.modules:
            anomalies.append(Anomaly("dir-without-modules", entry.path, incomplete=True))
        return directory

    def _project_text(self, home: Entry | None, codec: str) -> str:
        entry = self._listings.get(home.parent) if home else None
        if entry is None:
            return ""
        data = self._file.open(entry).read(0, _PROJECT_BYTES)
        self._budget.spend(len(data))
        return data.decode(codec, "replace")

    def _module(
        self,
        record: ModuleRecord,
        by_name: Mapping[str, Entry],
        codec: str,
        kinds: Mapping[str, Kind],
        anomalies: list[Anomaly],
    ) -> Iterator[Module]:
        name = record.unicode_name or record.name or record.unicode_stream or record.stream
        if _disagree(record.name, record.unicode_name) or _disagree(record.stream, record.unicode_stream):
            anomalies.append(Anomaly("names-disagree", name))
        entries = _named(by_name, record.unicode_stream, record.stream)
        entries = entries or _named(by_name, record.unicode_name, record.name)[:1]
        kind = kinds.get(name.lower(), "standard" if record.procedural else "unknown")
        if not entries:
            anomalies.append(Anomaly("module-stream-missing", name, incomplete=True))
            yield Module(name, "", "", kind)
        for entry in entries:  # where two names disagree, either may be the one that is run
            self._owned.add(entry.index)
            source, before = self._source(entry, record.offset, codec, anomalies)
            yield Module(name, entry.path, source, kind, self._caches.read(self._file.open(entry), before))

    def _source(self, entry: Entry, offset: int | None, codec: str, anomalies: list[Anomaly]) -> tuple[str, int]:
        """The source of a module, and how many bytes stand before it."""
        stream = self._file.open(entry)
        before = stream.size if offset is None else min(offset, stream.size)
        head = stream.read(offset, 3) if offset is not None else b""
        if head[:1] == b"\1" or (len(head) == 3 and (head[2] & 0xF0 == 0xB0 or head[1:] == b"\xff\x3f")):
            source, used = self._text(stream, offset or 0, entry.path, codec, anomalies)
            for at in find_containers(stream, self._budget):
                before = max(before, at)  # whatever the offset says: what is compiled stands before
                if not 0 <= at - (offset or 0) < used:  # an offset can be made to lead past the source that runs
                    anomalies.append(Anomaly("module-not-in-dir", entry.path, at, incomplete=self._torn))
                    source += "\r\n" + self._text(stream, at, entry.path, codec, anomalies)[0]
        elif offset == stream.size:
            source = ""
        else:
            anomalies.append(Anomaly("module-offset-wrong", entry.path, offset, incomplete=True))
            found = list(find_containers(stream, self._budget))
            source = "\r\n".join(self._text(stream, at, entry.path, codec, anomalies)[0] for at in found)
            before = stream.size  # what is compiled may stand anywhere
        if self._room > 0 and is_blank(source) and stream.size > 0:
            anomalies.append(Anomaly("source-missing", entry.path, incomplete=True))
        return source, before

    def _sweep(
        self, entry: Entry, codec: str, anomalies: list[Anomaly], *, listed: bool, whole: bool
    ) -> Iterator[Module]:
        stream = self._file.open(entry)
        if stream.read(0, 8) == MAGIC:
            return  # a file of its own, which is handed on as one
        before: int | None = None
        for at in find_containers(without_stretches(stream, read_stretches(stream, self._budget)), self._budget):
            if listed:  # there is a list, and this module is not on it
                anomalies.append(Anomaly("module-not-in-dir", entry.path, at, incomplete=not whole))
            source, _ = self._text(stream, at, entry.path, codec, anomalies)
            cache = self._caches.read(stream, at) if before is None else None
            before = at
            yield Module(_attribute_name(source) or entry.name, entry.path, source, "unknown", cache)
        if before is None and (cache := self._caches.read(stream, stream.size)) and cache.code:
            anomalies.append(Anomaly("source-missing", entry.path, incomplete=True))
            yield Module(entry.name, entry.path, "", "unknown", cache)

    def _text(self, stream: Blob, offset: int, path: str, codec: str, anomalies: list[Anomaly]) -> tuple[str, int]:
        """A source, and how many bytes it takes in the stream."""
        most = self._budget.limits.vba_module_bytes
        unpacked = decompress(stream.read(offset, most), self._budget, min(most, self._room))
        self._room -= len(unpacked.data)
        anomalies += [_at(one, path, offset) for one in unpacked.anomalies]
        data = unpacked.data
        if len(data) > 2 * _EDGE and any(one.code == "output-limit" for one in unpacked.anomalies):
            data = data[:_EDGE] + b"\r\n" + data[-_EDGE:]  # a bomb may not eat what other modules need
        return _decoded(data, codec), unpacked.used


def is_blank(source: str) -> bool:
    """True for source without anything in it; it is not copied to find that out."""
    return _SOMETHING.search(source) is None


def _decoded(data: bytes, codec: str) -> str:
    """The text of a source; where it is very large, no single character may make all others take four bytes."""
    if len(data) <= _LARGE or codec not in _ASTRAL_CODECS:
        return data.decode(codec, "replace")
    decoder = getincrementaldecoder(codec)("replace")
    pieces = (decoder.decode(data[at : at + MIB], at + MIB >= len(data)) for at in range(0, len(data), MIB))
    return "".join(_ASTRAL.sub("\ufffd", piece) for piece in pieces)


def _purged(modules: Sequence[Module], streams: Sequence[Entry], compiled: Entry | None) -> bool:
    """True when there is source, and nothing is compiled of it: neither in modules nor in streams of its own."""
    kept = any(one.name.lower().startswith("__srp_") for one in streams) or (compiled and compiled.size > _HEADER_ONLY)
    return not kept and any(one.source for one in modules) and all(one.cache is None for one in modules)


def _at(anomaly: Anomaly, path: str, base: int = 0) -> Anomaly:
    offset = None if anomaly.offset is None else anomaly.offset + base
    return Anomaly(anomaly.code, path, offset, anomaly.incomplete)


def _named(by_name: Mapping[str, Entry], *names: str | None) -> list[Entry]:
    """The streams of those names, each once."""
    found = [by_name[one.lower()] for one in names if one and one.lower() in by_name]
    return list({entry.index: entry for entry in found}.values())


def _names_of(record: ModuleRecord) -> set[str]:
    return {one.lower() for one in (record.name, record.unicode_name) if one}


def _disagree(narrow: str, wide: str | None) -> bool:
    """True when both names are ASCII and differ; others may only have been written in another code page."""
    return wide is not None and narrow.isascii() and wide.isascii() and narrow.lower() != wide.lower()


def _kinds(text: str) -> dict[str, Kind]:
    """Kinds of the modules that the PROJECT stream names ([MS-OVBA] 2.3.1.2), by name in lower case."""
    kinds: dict[str, Kind] = {}
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if kind := _KINDS.get(key.strip().lower()):
            kinds[value.partition("/")[0].strip().lower()] = kind
        elif line.startswith("["):
            break
    return kinds


def _unviewable(text: str) -> bool:
    """True when CMG, DPB or GC ([MS-OVBA] 2.3.1.15 to 17) are no hexadecimal digits, so that the editor gives up."""
    found = re.findall(r"(?im)^(?:CMG|DPB|GC)=(.*?)\r?$", text)
    return any(not re.fullmatch(r'"(?:[0-9A-Fa-f]{2}){6,}"', one.strip()) for one in found)


def _attribute_name(source: str) -> str:
    line = source[:400].partition("\n")[0]
    return line.partition('"')[2].partition('"')[0] if line.lower().startswith("attribute vb_name") else ""
