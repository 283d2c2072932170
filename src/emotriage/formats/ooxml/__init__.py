"""Office Open XML packages: parts, content types and relationships (ECMA-376 part 2, ISO/IEC 29500 strict too)."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from emotriage.formats.xml import Element, iter_elements
from emotriage.formats.zip import Archive, Member, read_archive
from emotriage.model.anomaly import Anomaly
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import MIB, RECORD, Budget

_CONTENT_TYPES = "[content_types].xml"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a package.

    Attributes:
        name: without the leading slash, as the archive spells it but with ``/`` between folders.
        content_type: as declared for it, lower-case; "" where the package declares none.
        member: where its bytes are.
    """

    name: str
    content_type: str
    member: Member


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship.

    Attributes:
        source: name of the part it goes out from, "" for the package.
        id: its id, unique for its source.
        type: the whole type URI, as written.
        target: external ones as written; for internal ones the name of a part, resolved against the source.
        external: its target is outside of the package.
    """

    source: str
    id: str
    type: str
    target: str
    external: bool


@dataclass(frozen=True, slots=True)
class Package:
    """A package whose table of contents has been read; parts are unpacked when they are asked for.

    Attributes:
        archive: the ZIP archive it lies in.
        parts: one for every member that is no folder, in the archive's order; names can be there twice.
        relationships: of the package and of all parts.
        anomalies: of the package; those of the archive are in `archive.anomalies`.
    """

    archive: Archive
    parts: tuple[Part, ...]
    relationships: tuple[Relationship, ...]
    anomalies: tuple[Anomaly, ...]
    _by_name: dict[str, Part] = field(default_factory=dict, repr=False)
    _by_source: dict[str, tuple[Relationship, ...]] = field(default_factory=dict, repr=False)
    _ways: dict[str, frozenset[str]] = field(default_factory=dict, repr=False)

    def ways_to(self, part: Part) -> frozenset[str]:
        """Types of the relationships by which a program that opens the package gets to a part, none if it never does.

        Of each type URI the last segment, lower-case.
        """
        return self._ways.get(_key(part.name), frozenset())

    def part(self, name: str) -> Part | None:
        """The (first) part of that name; case and a leading slash do not matter."""
        return self._by_name.get(_key(name))

    def relations(self, source: str) -> tuple[Relationship, ...]:
        """The relationships that go out from a part, or from the package ("")."""
        return self._by_source.get(_key(source), ())

    def related(self, source: str, type_suffix: str) -> tuple[Part, ...]:
        """The parts that `source` points to by relationships whose type ends with ``/`` and `type_suffix`."""
        ending = "/" + type_suffix.lower()
        found = (
            self.part(one.target)
            for one in self.relations(source)
            if not one.external and one.type.lower().endswith(ending)
        )
        return tuple(dict.fromkeys(part for part in found if part is not None))

    def read(self, part: Part, budget: Budget, limit: int = 64 * MIB) -> bytes:
        """The whole content of a part; raises as `Archive.read`."""
        return self.archive.read(part.member, budget, limit)

    def stream(self, part: Part, budget: Budget, found: list[Anomaly] | None = None) -> Iterator[bytes]:
        """The content of a part in chunks; raises as `Archive.stream`."""
        return self.archive.stream(part.member, budget, found)

    def xml(self, part: Part, budget: Budget, found: list[Anomaly] | None = None) -> Iterator[Element]:
        """The elements of an XML part as they end; see `formats.xml.iter_elements`.

        With `found`, whatever keeps the part from being read to its end is put there instead of being raised, but for
        `Encrypted` and `Unsupported`.
        """
        return iter_elements(self.stream(part, budget, found), budget, found)


def read_package(blob: Blob, budget: Budget) -> Package:
    """Read the table of contents of a package: a view, to be shared by all who look at the artifact.

    Raises:
        Malformed: the blob holds no ZIP member.
    """
    archive = read_archive(blob, budget)
    reader = _Reader(archive, budget)
    parts = reader.parts()
    relationships = reader.relationships(parts)
    by_name: dict[str, Part] = {}
    for part in parts:
        key = _key(part.name)
        if key not in by_name:
            by_name[key] = part
        elif part.member.indexed:
            reader.anomalies.append(Anomaly("duplicate-part", part.name, part.member.offset))
    by_source: dict[str, list[Relationship]] = {}
    for one in relationships:
        by_source.setdefault(_key(one.source), []).append(one)
    return Package(
        archive,
        parts,
        relationships,
        tuple(reader.anomalies),
        by_name,
        {source: tuple(group) for source, group in by_source.items()},
        _ways(by_source, budget),
    )


def _ways(by_source: dict[str, list[Relationship]], budget: Budget) -> dict[str, frozenset[str]]:
    """Part by part, the kinds of relationships that lead there on a way from the package itself."""
    ways: dict[str, set[str]] = {}
    waiting = [""]
    while waiting:
        for one in by_source.get(waiting.pop(), ()):
            budget.spend(RECORD)
            if one.external:
                continue
            key = _key(one.target)
            if key not in ways:
                ways[key] = set()
                if key:
                    waiting.append(key)
            ways[key].add(one.type.rpartition("/")[2].lower())
    return {key: frozenset(found) for key, found in ways.items()}


class _Reader:
    """Reads the parts that describe the others."""

    def __init__(self, archive: Archive, budget: Budget) -> None:
        self.anomalies: list[Anomaly] = []
        self._archive = archive
        self._budget = budget
        self._files = tuple((one, _part_name(one.name)) for one in archive.members if not one.is_dir)

    def parts(self) -> tuple[Part, ...]:
        """Every member with its content type."""
        defaults: dict[str, str] = {}
        overrides: dict[str, str] = {}
        tables = [member for member, name in self._files if _key(name) == _CONTENT_TYPES]
        if not tables:
            self.anomalies.append(Anomaly("no-content-types"))
        for table in tables:
            for tag, attributes, _ in self._elements(table):
                declared = attributes.get("ContentType", "").strip().lower()
                if tag == "Default":
                    defaults.setdefault(attributes.get("Extension", "").lower(), declared)
                elif tag == "Override":
                    overrides.setdefault(_key(attributes.get("PartName", "")), declared)
        parts = []
        for member, name in self._files:
            self._budget.spend(RECORD)
            key = _key(name)
            extension = posixpath.basename(key).rpartition(".")[2]
            parts.append(Part(name, overrides.get(key, defaults.get(extension, "")), member))
        return tuple(parts)

    def relationships(self, parts: tuple[Part, ...]) -> tuple[Relationship, ...]:
        """The relationships of every ``_rels/*.rels`` part."""
        found = []
        for part in parts:
            folder, name = posixpath.split(part.name)
            if posixpath.basename(folder).lower() != "_rels" or not name.lower().endswith(".rels"):
                continue
            parent = posixpath.dirname(folder)
            source = posixpath.join(parent, name[: -len(".rels")]) if len(name) > len(".rels") else ""
            for tag, attributes, _ in self._elements(part.member):
                if tag == "Relationship":
                    external = attributes.get("TargetMode", "").strip().lower() == "external"
                    target = attributes.get("Target", "")
                    found.append(
                        Relationship(
                            source,
                            attributes.get("Id", ""),
                            attributes.get("Type", "").strip(),
                            target if external else _resolve(parent, target),
                            external,
                        )
                    )
        return tuple(found)

    def _elements(self, member: Member) -> Iterator[Element]:
        found: list[Anomaly] = []
        try:
            yield from iter_elements(self._archive.stream(member, self._budget, found), self._budget, found)
        except FormatError as error:
            self.anomalies.append(Anomaly("unread-table", f"{member.name}: {error}", member.offset, incomplete=True))
        for one in found:
            code = one.code if one.code == "xml-dtd" else "unread-table"
            if one.incomplete:
                self.anomalies.append(Anomaly(code, f"{member.name}: {one.where}", member.offset, incomplete=True))


def _part_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/")


def _key(name: str) -> str:
    return unquote(_part_name(name)).lower() if "%" in name else _part_name(name).lower()


def _resolve(folder: str, target: str) -> str:
    """An internal target as a part name (ECMA-376 part 2, 6.5.3 and RFC 3986, 5.2)."""
    target = _part_name_of(target)
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _part_name_of(target: str) -> str:
    return target.strip().replace("\\", "/").partition("#")[0]
