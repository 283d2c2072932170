"""The readers of shortcuts and notebooks beside LnkParse3 and pyOneNote: what each can read, how alike, and how fast.

    python bench/readers.py FOLDER...

The files of all folders are read by both in turn, three times, in one warm process; the fastest of each counts, in
processor time. The second line of ours is of the files that both can read, as is the peer's. Ours gives the
specification's view and Windows' view of a shortcut, and reads a notebook by its structure and by a sweep; LnkParse3
gives its dictionary, pyOneNote its files and properties. The command ends with 1 when a reader is slower than its peer.

Runs in an environment of its own (bench/.venv), since pyOneNote is no dependency of emotriage; see `make bench`.
"""

import contextlib
import io
import math
import os
import statistics
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emotriage.formats.lnk import MAGIC, Shortcut, read_shortcut
from emotriage.formats.onenote import CONTENTS, SECTION, Notebook, read_notebook
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits

ROUNDS = 3
Compared = Iterator[tuple[str, object, object]]
"""Name of a field, what we read, what the other read."""


@dataclass(slots=True)
class Tally:
    """What came of the files of one kind."""

    files: int = 0
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    both: list[tuple[float, float]] = field(default_factory=list)
    fields: int = 0
    differ: Counter[str] = field(default_factory=Counter)


def our_shortcut(data: bytes) -> Shortcut:
    """Both views."""
    return read_shortcut(Blob(data), Budget(Limits()))


def our_notebook(data: bytes) -> Notebook:
    """Structure and sweep."""
    return read_notebook(Blob(data), Budget(Limits()))


def their_shortcut(data: bytes) -> dict[str, Any]:
    """All that LnkParse3 tells of a file."""
    from LnkParse3.lnk_file import LnkFile

    said: dict[str, Any] = LnkFile(io.BytesIO(data)).get_json()
    return said


def their_notebook(data: bytes) -> list[bytes]:
    """All that pyOneNote finds: properties, and files."""
    from pyOneNote.OneDocument import OneDocment

    document = OneDocment(io.BytesIO(data))
    document.get_properties()
    return [one["content"] for one in document.get_files().values()]


def shortcut_fields(data: bytes, link: Shortcut, theirs: dict[str, Any]) -> Compared:
    """What both say of a shortcut."""
    said, extra, header = theirs["data"], theirs["extra"], theirs["header"]
    yield "flags", link.flags, header["r_link_flags"]
    yield "hot key", link.hot_key, header["r_hotkey"]
    strings = link.strings  # both go by what Windows reads
    for ours, name in (
        (strings.arguments, "command_line_arguments"),
        (strings.name, "description"),
        (strings.working_dir, "working_directory"),
        (strings.relative_path, "relative_path"),
        (strings.icon, "icon_location"),
    ):
        yield name, ours, said.get(name, "").rstrip("\0")
    block = extra.get("ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK", {})
    yield "environment", link.extra.environment, block.get("target_unicode", "")
    yield "machine", link.extra.machine, extra.get("DISTRIBUTED_LINK_TRACKER_BLOCK", {}).get("machine_identifier", "")
    local = (theirs.get("link_info") or {}).get("local_base_path") or ""
    yield "local path", link.link_info.local_path if link.link_info else "", local
    entries = [one for one in (theirs.get("target") or {}).get("items", []) if one["class"] == "File entry"]
    names = [one.short_name or one.name for one in link.items if one.kind & 0x70 == 0x30]
    yield "items", names, [one["primary_name"] for one in entries]
    yield "overlay", bool(len(data) - link.end), bool(extra.get("TERMINAL_BLOCK", {}).get("size", 0))


def notebook_fields(data: bytes, found: Notebook, theirs: list[bytes]) -> Compared:
    """What both say of a notebook."""
    ours = [data[one.offset : one.offset + one.size] for one in found.files]
    yield "files", len(ours), len(theirs)
    yield "contents", sorted(ours), sorted(theirs)


KINDS: tuple[
    tuple[str, str, tuple[bytes, ...], Callable[..., Any], Callable[..., Any], Callable[..., Compared]], ...
] = (
    ("shortcuts", "LnkParse3", (MAGIC,), our_shortcut, their_shortcut, shortcut_fields),
    ("notebooks", "pyOneNote", (SECTION, CONTENTS), our_notebook, their_notebook, notebook_fields),
)


def timed(read: Callable[[bytes], Any], data: bytes) -> tuple[float, Any]:
    """(seconds of processor time, what was read); None where it raised."""
    began = time.process_time()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = read(data)
    except Exception:  # noqa: BLE001  whatever they raise is their answer
        found = None
    return time.process_time() - began, found


def percentile(values: list[float]) -> float:
    """The value that 95 of 100 do not exceed, in milliseconds."""
    return 1000 * sorted(values)[math.ceil(0.95 * len(values)) - 1]


def measured(
    files: list[bytes], ours: Callable[..., Any], theirs: Callable[..., Any], fields: Callable[..., Compared]
) -> Tally:
    """Read every file by both, in turn."""
    tally = Tally()
    for data in files:
        tally.files += 1
        pairs = [(timed(ours, data), timed(theirs, data)) for _ in range(ROUNDS)]
        here, there = (min(one[side][0] for one in pairs) for side in (0, 1))
        found, said = pairs[0][0][1], pairs[0][1][1]
        if found is not None:
            tally.ours.append(here)
        if said is not None:
            tally.theirs.append(there)
        if found is not None and said is not None:
            tally.both.append((here, there))
            for name, mine, other in fields(data, found, said):
                tally.fields += 1
                tally.differ[name] += mine != other
    return tally


def main() -> int:
    """Print the table; 1 when a reader is slower than its peer, 64 when called wrongly."""
    if len(sys.argv) < 2 or not all(Path(one).is_dir() for one in sys.argv[1:]):
        print(__doc__)
        return 64
    warnings.simplefilter("ignore")
    names = [Path(root, name) for start in sys.argv[1:] for root, _, found in os.walk(start) for name in sorted(found)]
    every = [one.read_bytes() for one in sorted(set(names))]
    slower = False
    print(f"{'kind':12}{'reader':12}{'files':>6}{'read':>6}{'median ms':>11}{'p95 ms':>9}")
    for kind, peer, beginnings, ours, theirs, fields in KINDS:
        files = [one for one in every if one.startswith(beginnings)]
        if not files:
            continue
        tally = measured(files, ours, theirs, fields)
        if not tally.both:
            continue
        here, there = ([one[side] for one in tally.both] for side in (0, 1))
        for name, read, times in (
            ("emotriage", len(tally.ours), tally.ours),
            ("emotriage", len(here), here),
            (peer, len(tally.theirs), there),
        ):
            row = f"{1000 * statistics.median(times):11.3f}{percentile(times):9.3f}"
            print(f"{kind:12}{name:12}{tally.files:6}{read:6}{row}")
        ratio = statistics.median(b / a for a, b in tally.both)
        late = sum(a > b for a, b in tally.both)
        slower |= ratio < 1
        print(f"{kind:12}{ratio:.1f} times as fast over the {len(tally.both)} that both read, slower for {late}")
        odd = ", ".join(f"{name} in {number}" for name, number in tally.differ.items() if number)
        print(f"{kind:12}{tally.fields} fields compared; different: {odd or 'none'}")
    if slower:
        print("slower")
    return int(slower)


if __name__ == "__main__":
    sys.exit(main())
