"""Objects of a OneNote section: property sets by the identity of their object, from [MS-ONESTORE] 2.1.5 to 2.1.13.

An object's id is short within its list, and long by the list's table of GUIDs. The same object may be declared in
several revisions; the order in which revisions list their groups says which of them is the newest.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from emotriage.formats.onenote import onestore
from emotriage.formats.onenote.fsshttpb import NO_ID, Id, Package
from emotriage.formats.onenote.onestore_properties import Properties, read_properties
from emotriage.model.blob import Blob
from emotriage.model.limits import RECORD, Budget

FILE_NAME, SOURCE_PATH, FILE_CONTAINER = 0x1C001D9C, 0x1C001D9D, 0x20001D9B
IMAGE_NAME, IMAGE_CONTAINER, ALTERNATIVE_TEXT = 0x1C001DD7, 0x20001C3F, 0x1C001E58
TEXT, NARROW_TEXT, ADDRESS = 0x1C001C22, 0x1C003498, 0x1C001E20
CHILDREN = (0x24001D5F, 0x24001C20, 0x24001C1F)
"""Properties by which pages, outlines and paragraphs hold what is in them ([MS-ONE] 2.3)."""
_MENTIONED = re.compile(
    b"|".join(
        re.escape(prid.to_bytes(4, "little"))
        for prid in (FILE_NAME, FILE_CONTAINER, IMAGE_CONTAINER, TEXT, NARROW_TEXT, ADDRESS, *CHILDREN)
    )
)
_OBJECT_LIMIT = 1 << 18


@dataclass(frozen=True, slots=True)
class PageObject:
    """An object that something of a page is made of.

    Attributes:
        id: its identity, or `NO_ID`.
        properties: its property set.
        references: identities of all objects that the set refers to, in its order.
        offset: of the property set in the file.
    """

    id: Id
    properties: Properties
    references: tuple[Id, ...]
    offset: int

    def of(self, prid: int) -> tuple[Id, ...]:
        """The objects that one of its properties refers to."""
        begin = self.properties.places.get(prid, 0)
        return self.references[begin : begin + len(self.properties.objects.get(prid, ()))]


@dataclass(slots=True)
class Store:
    """What the file nodes say.

    Attributes:
        references: by the offset of a stored file, the GUID by which objects know it.
        declared: by that GUID, the object that is the file, and its suffix.
        objects: of pages, in the order of their revisions: of one identity, the last one counts.
        nodes: how many nodes each list has.
        locked: the section is encrypted.
        cut: offset of the first property set that was not read to its end, or None.
    """

    references: dict[int, str] = field(default_factory=dict)
    declared: dict[str, tuple[Id, str]] = field(default_factory=dict)
    objects: list[PageObject] = field(default_factory=list)
    nodes: Counter[int] = field(default_factory=Counter)
    locked: bool = False
    cut: int | None = None


@dataclass(slots=True)
class _Lists:
    """Tables of GUIDs by list, and which revision comes first."""

    tables: dict[int, dict[int, bytes]] = field(default_factory=dict)
    fragments: dict[int, int] = field(default_factory=dict)
    groups: list[tuple[tuple[int, int], int, int]] = field(default_factory=list)

    def identity(self, listed: int, compact: int) -> Id:
        """The identity behind a CompactID (2.2.2); one that no table knows is known within its list."""
        known = self.tables.get(listed, {}).get(compact >> 8)
        return (known or b"%d:%d" % (listed, compact >> 8), compact & 0xFF)

    def ranks(self) -> dict[int, int]:
        """By list of a group, its place among the revisions."""
        found = {}
        for rank, (_, _, target) in enumerate(sorted(self.groups)):
            if target in self.fragments:
                found[self.fragments[target]] = rank
        return found


def read_store(blob: Blob, stored: Sequence[onestore.StoredFile], budget: Budget) -> Store:
    """Read the nodes of a revision store, but those inside of stored files: notebooks in the notebook."""
    store, lists = Store(), _Lists()
    found: list[tuple[int, int, Properties, int]] = []
    declared: list[tuple[int, bytes, int]] = []
    starts = [one.offset for one in stored]
    for node in onestore.read_nodes(blob, budget):
        before = bisect_right(starts, node.offset) - 1
        if before >= 0 and node.offset < stored[before].offset + stored[before].size:
            continue
        listed = node.listed[0]
        lists.fragments.setdefault(node.fragment, listed)
        store.nodes[listed] += 1
        if node.number == onestore.IDENTITY_NODE:
            lists.tables.setdefault(listed, {})[int.from_bytes(node.data[:4], "little")] = node.data[4:20]
        elif node.number == onestore.GROUP_NODE and node.at:
            lists.groups.append((node.listed, node.offset, node.at[0]))
        elif node.number == onestore.REFERENCE_NODE and node.at and len(node.data) >= 16:
            store.references.setdefault(node.at[0], str(UUID(bytes_le=node.data[:16])))
        elif node.number in onestore.FILE_NODES:
            declared.append((listed, node.data, 12 if node.number == 0x073 else 9))
        elif node.number in onestore.OBJECT_NODES and node.at and node.at[1]:
            if (properties := _properties(blob, node.at, budget)) is not None:
                found.append((listed, int.from_bytes(node.data[:4], "little"), properties, node.at[0]))
                if not properties.complete and store.cut is None:
                    store.cut = node.at[0]
        elif node.number == onestore.LOCKED_NODE:
            store.locked = True
    for listed, data, at in declared:
        where, extension = _declaration(data, at)
        compact = int.from_bytes(data[:4], "little")
        store.declared.setdefault(where, (lists.identity(listed, compact), extension))
    ranks = lists.ranks()
    for listed, compact, properties, offset in sorted(found, key=lambda one: ranks.get(one[0], -1)):
        references = tuple(lists.identity(listed, one) for one in properties.ids)
        store.objects.append(PageObject(lists.identity(listed, compact), properties, references, offset))
    return store


def packaged_objects(blob: Blob, package: Package, budget: Budget) -> list[PageObject]:
    """The objects of a package's pages; whoever comes later in the file is the newer one."""
    found = []
    for one in package.objects:
        budget.spend(RECORD)
        if (properties := _properties(blob, (one.offset, one.size), budget)) is not None:
            found.append(PageObject(one.id, properties, one.references, one.offset))
    return found


def newest(objects: Iterable[PageObject]) -> dict[Id, PageObject]:
    """The last object of each identity, in order."""
    return {one.id: one for one in objects if one.id != NO_ID}


def _properties(blob: Blob, at: tuple[int, int], budget: Budget) -> Properties | None:
    """A property set that says something of a page, or None."""
    raw = blob.read(at[0], min(at[1], _OBJECT_LIMIT))
    return read_properties(raw, budget) if _MENTIONED.search(raw) else None


def _declaration(data: bytes, at: int) -> tuple[str, str]:
    """(GUID, extension) of a file data object declaration (2.5.27, 2.5.28), which says ``<ifndf>{guid}``."""
    found = []
    for _ in range(2):
        length = 2 * int.from_bytes(data[at : at + 4], "little")
        found.append(data[at + 4 : at + 4 + length].decode("utf-16-le", "replace"))
        at += 4 + length
    return found[0].lower().rpartition("{")[2].rstrip("}\0"), found[1].rstrip("\0")
