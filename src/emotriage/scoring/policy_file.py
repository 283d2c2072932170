"""A policy from a TOML file: the default one with what the file changes, every key checked."""

import os
from collections.abc import Mapping
from dataclasses import replace

from emotriage.catalogue import rules
from emotriage.model.errors import UsageError
from emotriage.model.finding import Severity, Trait
from emotriage.model.settings import read_settings
from emotriage.scoring.policy import WEIGHTS, Chain, Override, Policy, whole

KEYS = {
    "name": "appears in every verdict, with the hash of the policy; `custom` if it is left out",
    "suspicious": "score from which a verdict is suspicious, 1 to 100",
    "malicious": "score from which it is malicious, from `suspicious` to 100",
    "family_cap": "where the weak signs of one family stop adding up, 1 to 100",
    "severity": "table: points of `info`, `low`, `medium`, `high`, `critical`, 0 to 100 and rising",
    "rules": "table: a rule's id and its severity here, or `ignore`: it stays in the verdict, without points",
    "chains": "list of tables with `name`, `traits`, `points`; one with the name of a default chain takes its place, "
    "and may leave out the traits; 0 points take it away",
    "plugins": "list of the installed plugins that may run, by name; without this key all of them, `[]` is none",
}
"""The keys of a policy file and what each says."""
_LEVELS = {one.name.lower(): one for one in Severity}
_TRAITS = {str(one) for one in Trait}


def load_policy(path: str | os.PathLike[str]) -> Policy:
    """The default policy with what a file changes; a file without a name is called ``custom``.

    Raises:
        UsageError: no such file, no TOML, or a key or value that means nothing; the message names it.
    """
    raw = read_settings(path)
    try:
        return policy_of(raw)
    except UsageError as error:
        raise UsageError(f"{os.fspath(path)}: {error}") from error


def policy_of(raw: Mapping[str, object]) -> Policy:
    """The default policy with what these keys change.

    Raises:
        UsageError: a key or value that means nothing; the message names it.
    """
    if unknown := sorted(set(raw) - set(KEYS)):
        raise UsageError(f"unknown key: {', '.join(unknown)}")
    plain = {key: raw[key] for key in ("suspicious", "malicious", "family_cap") if key in raw}
    plugins = _plugins(raw["plugins"]) if "plugins" in raw else None
    return replace(
        Policy.default(),
        name=raw.get("name", "custom"),  # type: ignore[arg-type]  # Policy checks it, as it does the plain numbers
        weights=_weights(_table(raw, "severity")),
        overrides=_overrides(_table(raw, "rules"), others=bool(plugins)),
        chains=_chains(raw.get("chains", [])),
        plugins=plugins,
        **plain,  # type: ignore[arg-type]
    )


def _table(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = raw.get(key, {})
    if not isinstance(value, dict):
        raise UsageError(f"{key} must be a table")
    return value


def _weights(table: Mapping[str, object]) -> tuple[int, ...]:
    if unknown := sorted(set(table) - set(_LEVELS)):
        raise UsageError(f"unknown key: severity.{unknown[0]}; one of {', '.join(_LEVELS)}")
    named = dict(zip(_LEVELS, WEIGHTS, strict=True))
    named |= {name: whole(f"severity.{name}", points, 0) for name, points in table.items()}
    return tuple(named.values())


def _overrides(table: Mapping[str, object], *, others: bool) -> tuple[Override, ...]:
    """What weighs something else; rules that nobody here knows may belong to a plugin that the policy names."""
    known = rules()
    found = []
    for rule, says in sorted(table.items()):
        if rule not in known and not others:
            raise UsageError(f"rules.{rule}: no such rule; `emotriage rules` lists them")
        if not isinstance(says, str) or says not in ("ignore", *_LEVELS):
            raise UsageError(f"rules.{rule} must be ignore, {', '.join(_LEVELS)}")
        if says == "ignore" and rule in known and known[rule].incomplete:
            raise UsageError(f"rules.{rule} says what was not looked at, so it can't be ignored")
        found.append(Override(rule, _LEVELS.get(says)))
    return tuple(found)


def _chains(entries: object) -> tuple[Chain, ...]:
    """The default chains; one of the same name takes its place, and no points take it away."""
    chains = {one.name: one for one in Policy.default().chains}
    if not isinstance(entries, list):
        raise UsageError("chains must be a list of tables")
    for number, entry in enumerate(entries, 1):
        here = f"chains, number {number}"
        if not isinstance(entry, dict):
            raise UsageError(f"{here} must be a table")
        if unknown := sorted(set(entry) - {"name", "traits", "points"}):
            raise UsageError(f"{here}: unknown key: {', '.join(unknown)}")
        name = entry.get("name")
        if not isinstance(name, str) or not 1 <= len(name) <= 100:
            raise UsageError(f"{here}: name must be a text of 1 to 100 characters")
        old = chains.get(name)
        traits = _traits(here, entry.get("traits")) if "traits" in entry or old is None else old.traits
        chains[name] = Chain(name, traits, whole(f"{here}: points", entry.get("points"), 0))
    return tuple(one for one in chains.values() if one.points)


def _traits(here: str, value: object) -> frozenset[Trait]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise UsageError(f"{here}: traits must be a list of at least one of {', '.join(sorted(_TRAITS))}")
    if unknown := sorted(set(value) - _TRAITS):
        raise UsageError(f"{here}: no such trait: {unknown[0]}; one of {', '.join(sorted(_TRAITS))}")
    return frozenset(map(Trait, value))


def _plugins(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise UsageError("plugins must be a list of names")
    return tuple(dict.fromkeys(value))
