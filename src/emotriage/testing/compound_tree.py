"""The directory of a compound file ([MS-CFB] 2.6): entries from paths, and the red-black trees that order them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from emotriage.testing.content import Content, size

NO_STREAM = 0xFFFFFFFF
FREE, STORAGE, STREAM, ROOT = 0, 1, 2, 5
_RED, _BLACK = 0, 1


@dataclass(slots=True)
class Node:
    """One directory entry on its way to the file; `declared` is a size that lies, `linked` says if a tree holds it."""

    path: str
    name: str
    kind: int
    parent: int
    content: Content = b""
    clsid: str = ""
    size: int = 0
    start: int | None = None
    declared: int | None = None
    linked: bool = True
    color: int = _BLACK
    left: int = NO_STREAM
    right: int = NO_STREAM
    child: int = NO_STREAM


def plant(streams: Iterable[tuple[str, Content]], clsids: Mapping[str, str]) -> list[Node]:
    """Entries of all streams and of the storages above them, the root first, in the order they are named.

    Raises:
        ValueError: an empty name or one of more than 31 UTF-16 units.
    """
    nodes = [Node("", "Root Entry", ROOT, -1, clsid=clsids.get("", ""))]
    storages = {"": 0}
    for path, content in streams:
        above, _, name = path.rpartition("/")
        parent, so_far = 0, ""
        for step in above.split("/") if above else ():
            so_far = f"{so_far}/{step}" if so_far else step
            if so_far not in storages:
                storages[so_far] = len(nodes)
                nodes.append(_node(so_far, step, STORAGE, parent, clsids))
            parent = storages[so_far]
        if name:
            stream = _node(path, name, STREAM, parent, clsids)
            stream.content, stream.size = content, size(content)
            nodes.append(stream)
    return nodes


def _node(path: str, name: str, kind: int, parent: int, clsids: Mapping[str, str]) -> Node:
    if not 0 < len(name.encode("utf-16-le", "surrogatepass")) <= 62:
        raise ValueError(f"a name in a compound file has 1 to 31 UTF-16 units: {name!r}")
    return Node(path, name, kind, parent, clsid=clsids.get(path, ""))


def link(nodes: list[Node]) -> None:
    """Make a valid red-black tree of the entries of each storage, but for those that are not to be linked."""
    families: dict[int, list[int]] = {}
    for index, node in enumerate(nodes[1:], 1):
        if node.linked:
            families.setdefault(node.parent, []).append(index)
    for parent, members in families.items():
        members.sort(key=lambda index: _order(nodes[index].name))
        nodes[parent].child = _balance(nodes, members)


def _order(name: str) -> tuple[int, bytes]:
    raw = name.upper() if len(name.upper()) == len(name) else name
    return len(name.encode("utf-16-le", "surrogatepass")), raw.encode("utf-16-be", "surrogatepass")


def _balance(nodes: list[Node], members: list[int]) -> int:
    """Of least height: all levels are full but the last, whose entries are red. Returns the top."""
    full = (len(members) + 1).bit_length() - 1  # levels that are full
    todo = [(0, len(members), 1, -1, "")]
    top = NO_STREAM
    while todo:
        low, high, level, above, side = todo.pop()
        if low >= high:
            continue
        middle = (low + high) // 2
        index = members[middle]
        nodes[index].left = nodes[index].right = NO_STREAM
        nodes[index].color = _RED if level > full else _BLACK
        if side == "left":
            nodes[above].left = index
        elif side == "right":
            nodes[above].right = index
        else:
            top = index
        todo += [(low, middle, level + 1, index, "left"), (middle + 1, high, level + 1, index, "right")]
    return top
