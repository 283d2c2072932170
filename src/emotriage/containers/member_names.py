"""What the names of an archive's members say, before any of them is opened: the same for every sort of archive."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from emotriage.formats.file_name import escapes, read_file_name
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import RECORD, Budget

_UNSAFE, _ACTIVE = 16, 64


@dataclass(frozen=True, slots=True)
class Named:
    """A member by name.

    Attributes:
        name: as the archive gives it.
        offset: of its header.
        special: what makes it unsafe beside its name: ``symbolic link``, ``device`` ...
    """

    name: str
    offset: int = 0
    special: str = ""


@dataclass(frozen=True, slots=True)
class NameRules:
    """The rules that one family of archives has for names."""

    unsafe: Rule
    active: Rule
    lone: Rule


def judge_names(
    members: Sequence[Named],
    rules: NameRules,
    budget: Budget,
    special: Iterable[Named] = (),
    unlisted: Iterable[str] = (),
) -> Iterator[Finding]:
    """Names that lead out of the folder, and names of what runs when it is opened.

    Args:
        members: what the archive hands out.
        rules: what to call it.
        budget: charged for every name.
        special: members without content that are unsafe by more than their name: links, devices.
        unlisted: names of members beyond the limit, which nobody opens.
    """
    yield from judge_unsafe(members, rules.unsafe, budget, special)
    yield from judge_active(members, rules, budget, unlisted)


def judge_unsafe(
    members: Iterable[Named], rule: Rule, budget: Budget, special: Iterable[Named] = ()
) -> Iterator[Finding]:
    """Names that lead out of the folder, and members that are no files; see `judge_names`."""
    found = [Evidence(one.name, where=one.special, offset=one.offset) for one in special][:_UNSAFE]
    for one in members:
        budget.spend(RECORD)
        if len(found) < _UNSAFE and (how := one.special or escapes(one.name)):
            found.append(Evidence(one.name, where=how, offset=one.offset))
    if found:
        yield rule(*found)


def judge_active(
    members: Sequence[Named], rules: NameRules, budget: Budget, unlisted: Iterable[str] = ()
) -> Iterator[Finding]:
    """Names of what runs when it is opened; see `judge_names`."""
    found: list[Evidence] = []
    for one in members:
        budget.spend(RECORD)
        if len(found) < _ACTIVE and read_file_name(one.name).active:
            found.append(Evidence(one.name, offset=one.offset))
    for name in unlisted:
        budget.spend(RECORD)
        if len(found) < 2 * _ACTIVE and read_file_name(name).active:
            found.append(Evidence(name, where="beyond the limit"))
    if found:
        yield (rules.lone if len(members) == 1 else rules.active)(*found[-_ACTIVE:])
