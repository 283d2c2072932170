"""Encrypted OOXML packages: which scheme locks them, and which candidate opens them ([MS-OFFCRYPTO] 2.3.4)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from emotriage.formats.office_crypto.agile import Agile, read_agile
from emotriage.formats.office_crypto.package import PackageKey
from emotriage.formats.office_crypto.standard import Standard, read_standard
from emotriage.model.blob import Blob
from emotriage.model.errors import Malformed, Unsupported
from emotriage.model.limits import Budget
from emotriage.model.passwords import Password, Passwords

DEFAULT_PASSWORDS = ("VelvetSweatshop", "/01Hannes Ruescher/01")
"""What Excel and PowerPoint try by themselves before they ask ([MS-XLS] 2.2.10, [MS-PPT] 2.3.7)."""

_AGILE = (4, 4)


@dataclass(slots=True)
class KeyWork:
    """Key-derivation rounds that one artifact may still cost, all its locks together."""

    left: int

    @classmethod
    def of(cls, budget: Budget) -> "KeyWork":
        """As many as the limits allow."""
        return cls(budget.limits.key_rounds)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of trying candidates.

    Attributes:
        tried: how many were tried; fewer than there are when they cost too much.
        key: of the package, where one fitted.
        password: that one.
    """

    tried: int
    key: PackageKey | None = field(default=None, repr=False)
    password: Password | None = None


def candidates(passwords: Passwords, name: str, limit: int) -> tuple[Password, ...]:
    """What is tried on an encrypted document, in order: what the application tries by itself comes first.

    Args:
        passwords: that travelled down to the artifact.
        name: of the artifact.
        limit: candidates at most.
    """
    return (
        Passwords.of(DEFAULT_PASSWORDS, "well-known")
        .plus(Passwords(passwords.attempts(name, limit)))
        .candidates[:limit]
    )


def is_default(password: Password) -> bool:
    """True when the application opens the document by itself."""
    return password.value in DEFAULT_PASSWORDS


def read_lock(info: Blob, budget: Budget) -> Agile | Standard:
    """Read the stream ``EncryptionInfo``.

    Raises:
        Malformed: it contradicts itself.
        Unsupported: a scheme that is not read; its message names it.
    """
    head = info.read(0, 8)
    if len(head) < 8:
        raise Malformed("encryption description is cut short")
    version = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:4], "little")
    if version == _AGILE:
        return read_agile(info, budget)
    if version[0] in (2, 3, 4) and version[1] == 2:
        return read_standard(info)
    if version[0] in (3, 4) and version[1] == 3:
        raise Unsupported("extensible encryption")
    raise Unsupported(f"encryption of version {version[0]}.{version[1]}")


def is_affordable(lock: Agile | Standard, budget: Budget) -> bool:
    """False when not even one candidate could be tried within the limits."""
    return 0 <= lock.rounds <= budget.limits.key_rounds


def open_lock(lock: Agile | Standard, passwords: Iterable[Password], work: KeyWork, budget: Budget) -> Attempt:
    """Try candidates in order, as long as their rounds are within the limit.

    Raises:
        BudgetSpent: the artifact's work is used up.
    """
    tried = 0
    for one in passwords:
        if not 0 <= lock.rounds <= work.left:
            break
        work.left -= max(lock.rounds, 1)
        tried += 1
        if (key := lock.open(one.value, budget)) is not None:
            return Attempt(tried, key, one)
    return Attempt(tried)
