"""Every number and every chain of the score, in one place.

A chain is an intent, spelled in traits, so that macros, Excel 4.0 sheets, shortcuts, notebooks and plugins share it.
The numbers are calibrated on real files; `docs/accuracy.md` says with what result.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache

from emotriage.model.errors import UsageError
from emotriage.model.finding import Trait


@dataclass(frozen=True, slots=True)
class Chain:
    """An intent: all of its traits on one path of the tree.

    Attributes:
        name: what it amounts to, as a person would say it.
        traits: what must be there.
        points: what that adds to the findings' own points.
    """

    name: str
    traits: frozenset[Trait]
    points: int


def _chain(name: str, points: int, *traits: Trait) -> Chain:
    return Chain(name, frozenset(traits), points)


CHAINS = (
    _chain("starts itself, downloads and runs", 50, Trait.AUTORUN, Trait.DOWNLOAD, Trait.EXECUTE),
    _chain("starts itself and runs what it hides", 50, Trait.AUTORUN, Trait.EXECUTE, Trait.OBFUSCATE),
    _chain("starts itself, writes and runs", 40, Trait.AUTORUN, Trait.WRITE, Trait.EXECUTE),
    _chain("lures into running what it hides", 40, Trait.LURE, Trait.EXECUTE, Trait.OBFUSCATE),
    _chain("downloads and runs what it hides", 40, Trait.DOWNLOAD, Trait.EXECUTE, Trait.OBFUSCATE),
    _chain("downloads and runs", 30, Trait.DOWNLOAD, Trait.EXECUTE),
    _chain("lures into running", 30, Trait.LURE, Trait.EXECUTE),
    _chain("starts itself and runs", 20, Trait.AUTORUN, Trait.EXECUTE),
    _chain("starts itself and downloads", 20, Trait.AUTORUN, Trait.DOWNLOAD),
    _chain("runs what it hides", 20, Trait.EXECUTE, Trait.OBFUSCATE),
    _chain("runs where it is not watched", 20, Trait.EXECUTE, Trait.EVADE),
    _chain("starts itself and hides what it does", 15, Trait.AUTORUN, Trait.OBFUSCATE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How findings become a level.

    Attributes:
        name: appears in every verdict, with the policy's hash.
        suspicious: score from which a verdict is suspicious.
        malicious: score from which it is malicious.
        family_cap: where the weak signs of one family stop adding up.
        chains: intents; the best one on a path counts.
    """

    name: str = "default"
    suspicious: int = 30
    malicious: int = 70
    family_cap: int = 60
    chains: tuple[Chain, ...] = CHAINS

    def __post_init__(self) -> None:
        """Refuse thresholds that mean nothing."""
        if not 0 < self.suspicious <= self.malicious <= 100:
            raise UsageError("a policy needs 0 < suspicious <= malicious <= 100")
        if self.family_cap <= 0 or any(chain.points < 0 for chain in self.chains):
            raise UsageError("a policy needs a positive family cap and no chain below zero")

    @classmethod
    def default(cls) -> "Policy":
        """The calibrated policy."""
        return _DEFAULT

    @property
    def sha256(self) -> str:
        """Hash of all its numbers."""
        return _fingerprint(self)


@cache
def _fingerprint(policy: Policy) -> str:
    plain = asdict(policy)
    for chain in plain["chains"]:
        chain["traits"] = sorted(chain["traits"])
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


_DEFAULT = Policy()
