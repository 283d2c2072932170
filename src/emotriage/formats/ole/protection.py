"""What of a compound file is under lock: packages and rights management ([MS-OFFCRYPTO] 2.2 and 2.3.4)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.formats.cfb import CompoundFile, Entry
from emotriage.model.limits import RECORD, Budget

_PACKAGE, _INFO, _CONTENT = "encryptedpackage", "encryptioninfo", "\tdrmcontent"
_RIGHTS = frozenset({"drmencryptedtransform", "drmtransform", "drmencrypteddataspace", "drmdataspace"})
_MOST_INFOS = 4
_MOST_NAMES = 16


@dataclass(frozen=True, slots=True)
class Protected:
    """One thing that is not in clear.

    Attributes:
        title: for people.
        entry: the stream that is encrypted, or that says so.
        infos: for a package under a password, the streams that say how; more than one where names come twice.
        by_password: a package that a password may open.
        beside: names of what lies in the same storage, the first few.
    """

    title: str
    entry: Entry
    infos: tuple[Entry, ...] = ()
    by_password: bool = False
    beside: tuple[str, ...] = ()


@dataclass(slots=True)
class _Storage:
    names: list[str] = field(default_factory=list)
    infos: list[Entry] = field(default_factory=list)


def protections(compound: CompoundFile, budget: Budget) -> Iterator[Protected]:
    """What is under lock, but for the streams of Word, Excel and PowerPoint, in the order of the entries."""
    storages: dict[int, _Storage] = {}
    managed = False
    for entry in compound.entries:
        budget.spend(RECORD)
        storage = storages.setdefault(entry.parent, _Storage())
        if len(storage.names) < _MOST_NAMES:
            storage.names.append(entry.name)
        folded = entry.name.lower()
        managed = managed or folded in _RIGHTS
        if folded == _INFO and entry.kind == "stream" and len(storage.infos) < _MOST_INFOS:
            storage.infos.append(entry)
    for entry in compound.entries:
        folded = entry.name.lower()
        if entry.kind != "stream" or folded not in (_PACKAGE, _CONTENT):
            continue
        beside = tuple(storages[entry.parent].names)
        if folded == _CONTENT or (managed and not storages[entry.parent].infos):
            yield Protected("rights-managed Office document", entry, beside=beside)
        else:
            infos = tuple(storages[entry.parent].infos)
            yield Protected("encrypted Office document", entry, infos, by_password=True, beside=beside)
