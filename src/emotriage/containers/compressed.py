"""Compressed files (gzip, bzip2, xz, lzma, Zstandard): their one content, under the name that programs give it."""

import re
from collections.abc import Iterator

from emotriage.catalogue import archive as rules
from emotriage.containers.member_names import Named, NameRules, judge_names
from emotriage.formats.compressed import read_compressed, unpack
from emotriage.formats.file_name import FileName, read_file_name
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB

NAME_RULES = NameRules(rules.UNSAFE_NAME, rules.ACTIVE_MEMBER, rules.LONE_ACTIVE_MEMBER)
_RATIO = 1000
_OWN = frozenset({"bz", "bz2", "gz", "gzip", "lzma", "xz", "z", "zst"})
_SHORT = {
    "tgz": "tar",
    "taz": "tar",
    "tb2": "tar",
    "tbz": "tar",
    "tbz2": "tar",
    "tlz": "tar",
    "txz": "tar",
    "tzst": "tar",
} | {
    "emz": "emf",
    "svgz": "svg",
    "wmz": "wmf",
}


@analyzer("compressed", kinds={"bzip2", "gzip", "xz", "zstd"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Hand out the content; programs disagree about its name, so both names are judged."""
    inside = subject.view(read_compressed)
    outer = _without_suffix(subject.name)
    stored, derived = read_file_name(inside.name), read_file_name(outer)
    name = inside.name if inside.name and (_runs(stored) or not _runs(derived)) else outer
    yield from judge_names([Named(name)], NAME_RULES, subject.budget)
    if stored.extension and derived.extension and _runs(stored) != _runs(derived):
        yield rules.AMBIGUOUS_NAME(Evidence(f"{stored.base}, {derived.base}", where="header", offset=0))
    if inside.size >= MIB and inside.size >= inside.packed * _RATIO:
        yield rules.HIGH_RATIO(
            Evidence(f"{inside.size // inside.packed}:1 in the first {inside.packed} bytes", offset=0)
        )
    blob, measured = subject.blob, inside.end is not None
    yield Child(name, lambda budget: unpack(blob, budget, measured=measured))


def _runs(name: FileName) -> bool:
    return name.active not in ("", "macro")


def _without_suffix(name: str) -> str:
    """The name that unpacking gives where none is stored."""
    base = re.split(r"[/\\]", name)[-1]
    stem, _, extension = base.rpartition(".")
    extension = extension.strip().lower()
    if stem and extension in _SHORT:
        return f"{stem}.{_SHORT[extension]}"
    return stem if stem and extension in _OWN else base or "content"
