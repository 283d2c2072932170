"""Every number and every chain of the score, in one place.

A chain is an intent, spelled in traits, so that macros, Excel 4.0 sheets, shortcuts, notebooks and plugins share it.
The numbers are calibrated on real files; `docs/accuracy.md` says with what result.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from emotriage.model.errors import UsageError
from emotriage.model.finding import Finding, Severity, Trait


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


@dataclass(frozen=True, slots=True)
class Override:
    """A rule that this policy weighs differently.

    Attributes:
        rule: its id.
        severity: the one that counts here; None ignores the rule: it stays in the verdict, without points and traits.
    """

    rule: str
    severity: Severity | None


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


WEIGHTS = tuple(int(one) for one in Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How findings become a level.

    Attributes:
        name: appears in every verdict, with the policy's hash.
        suspicious: score from which a verdict is suspicious.
        malicious: score from which it is malicious.
        family_cap: where the weak signs of one family stop adding up.
        chains: intents; the best one on a path counts.
        weights: points of the severities, from info to critical.
        overrides: rules that weigh something else here.
        plugins: names of the installed plugins that may run; None is all of them.
    """

    name: str = "default"
    suspicious: int = 30
    malicious: int = 70
    family_cap: int = 60
    chains: tuple[Chain, ...] = CHAINS
    weights: tuple[int, ...] = WEIGHTS
    overrides: tuple[Override, ...] = ()
    plugins: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        if not isinstance(self.name, str) or not 1 <= len(self.name) <= 100:
            raise UsageError("a policy's name must be a text of 1 to 100 characters")
        for key in ("suspicious", "malicious", "family_cap"):
            whole(key, getattr(self, key), 1)
        if self.suspicious > self.malicious:
            raise UsageError("suspicious must not be above malicious")
        for chain in self.chains:
            whole(f"points of chain {chain.name!r}", chain.points, 0)
            if not chain.traits:
                raise UsageError(f"chain {chain.name!r} needs at least one trait")
        if len(self.weights) != len(WEIGHTS) or sorted(self.weights) != list(self.weights):
            raise UsageError("weights must be five numbers that rise from info to critical")
        for severity, points in zip(Severity, self.weights, strict=True):
            whole(f"severity {severity.name.lower()}", points, 0)

    @classmethod
    def default(cls) -> "Policy":
        """The calibrated policy."""
        return _DEFAULT

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Policy":
        """The calibrated policy with what a TOML file changes in it; `docs/use.md` lists the keys.

        Raises:
            UsageError: no such file, no TOML, or a key or value that means nothing; the message names it.
        """
        from emotriage.scoring.policy_file import load_policy

        return load_policy(path)

    @property
    def sha256(self) -> str:
        """Hash of all that it says."""
        return _fingerprint(self)

    def weight(self, finding: Finding) -> int:
        """Points that a finding brings on its own."""
        return round(self.weights[_SHELF[finding.severity]] * finding.confidence)

    def adjusted(self, finding: Finding) -> Finding:
        """The finding as this policy sees it. What is incomplete stays so, whatever a policy says."""
        overrides = _by_rule(self)
        if finding.rule not in overrides:
            return finding
        severity = overrides[finding.rule]
        if severity is None:
            return replace(finding, severity=Severity.INFO, traits=frozenset(), confidence=0.0)
        return replace(finding, severity=severity)

    def to_dict(self) -> dict[str, Any]:
        """All of it as plain values; policies that judge alike, under one name, have the same."""
        return {
            "name": self.name,
            "suspicious": self.suspicious,
            "malicious": self.malicious,
            "family_cap": self.family_cap,
            "severity": {one.name.lower(): points for one, points in zip(Severity, self.weights, strict=True)},
            "chains": [
                {"name": one.name, "traits": sorted(one.traits), "points": one.points}
                for one in sorted(self.chains, key=lambda one: (one.name, one.points, sorted(one.traits)))
            ],
            "rules": {
                one.rule: "ignore" if one.severity is None else one.severity.name.lower() for one in self.overrides
            },
            "plugins": None if self.plugins is None else sorted(self.plugins),
        }


def whole(key: str, value: object, least: int) -> int:
    """The value, if it is a whole number of points.

    Raises:
        UsageError: it is something else, or not from `least` to 100.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= 100:
        raise UsageError(f"{key} must be a whole number from {least} to 100")
    return value


_SHELF = {severity: index for index, severity in enumerate(Severity)}


@cache
def _by_rule(policy: Policy) -> Mapping[str, Severity | None]:
    return {one.rule: one.severity for one in policy.overrides}


@cache
def _fingerprint(policy: Policy) -> str:
    return hashlib.sha256(json.dumps(policy.to_dict(), sort_keys=True).encode()).hexdigest()


_DEFAULT = Policy()
