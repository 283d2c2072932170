"""The walk: a generator of events, the same here and in a worker, and the only place that catches all.

Every artifact ends looked at, as the table of kinds says what that means, or in a gap that says what and why.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from emotriage.catalogue import scan as rules
from emotriage.catalogue.kinds import ALWAYS, KINDS
from emotriage.describe import Description, describe
from emotriage.model.analyzer import Analyzer, Child, Found, Subject
from emotriage.model.blob import Blob
from emotriage.model.errors import BudgetSpent, Encrypted, InputError, Malformed, Unsupported
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, Budget
from emotriage.model.passwords import Opened, Passwords
from emotriage.model.spool import Spooled
from emotriage.model.step import DEEPEST, Recovered, Step
from emotriage.model.verdict import Artifact, Event, stamp
from emotriage.repeats import Repeats

NAME_CAP, TEXT_CAP, VALUE_CAP, RUNS_CAP = 1024, 500, 8192, 64
"""Longest name, evidence text and indicator value that are kept (characters), and uniform runs that are listed."""


_KEPT = 4
"""An analyzer leaves one part in so many of its artifact's work to those who come after it."""
_OURS = __name__.partition(".")[0]


class Keep(Protocol):
    """Takes what was unpacked and recovered, and never raises."""

    def artifact(self, number: int, blob: Blob, sha256: str | None) -> None:
        """Every artifact but the input."""

    def text(self, number: int, text: Recovered) -> None:
        """A text that came out of an artifact."""


@dataclass(slots=True)
class _Turn:
    """A child that waits for its turn."""

    child: Child
    parent: int | None
    depth: int
    passwords: Passwords


@dataclass(frozen=True, slots=True)
class _Means:
    """What the whole walk shares."""

    budget: Budget
    analyzers: Sequence[Analyzer]
    scratch: str | None
    keep: Keep | None
    repeats: Repeats


@dataclass(slots=True)
class _Look:
    """What the guard notes while one artifact is looked at, and who takes the texts recovered from it."""

    children: list[Child] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    passwords: Passwords = field(default_factory=Passwords)
    take: Callable[[Recovered], None] | None = None


def walk(
    root: Child,
    budget: Budget,
    analyzers: Sequence[Analyzer],
    passwords: Passwords | None = None,
    scratch: str | None = None,
    *,
    keep: Keep | None = None,
) -> Iterator[Event]:
    """Look at the root and all that is in it, depth first, in document order.

    Args:
        root: the input.
        budget: what all of it may cost.
        analyzers: who looks; each sees the kinds it wants.
        passwords: the caller's candidates.
        scratch: folder for unpacked children; None is the system's.
        keep: takes what was unpacked.
    """
    foreign = any(getattr(one.run, "__module__", "").partition(".")[0] != _OURS for one in analyzers)
    means = _Means(budget, analyzers, scratch, keep, Repeats(by_name=foreign))
    stack = [_Turn(root, None, 0, passwords or Passwords())]
    number = 0
    budget.child()
    while stack and not _is_over(budget):
        turn = stack.pop()
        look = _Look(take=None if keep is None else partial(keep.text, number))
        with budget.allowance():
            for event in _examine(turn, number, means, look):
                stamped = stamp(event, number)
                means.repeats.note(stamped)
                yield stamped
        candidates = turn.passwords.plus(look.passwords)
        if look.passwords:
            for one in stack:
                if one.parent == turn.parent:
                    one.passwords = one.passwords.plus(look.passwords)
        stack += [_Turn(one, number, turn.depth + 1, candidates.plus(one.passwords)) for one in reversed(look.children)]
        number += 1
    for turn in reversed(stack):
        for event in _left_over(turn, number, means):
            yield stamp(event, number)
        number += 1


def _is_over(budget: Budget) -> bool:
    return budget.latched is not None and budget.latched.total


def _examine(turn: _Turn, number: int, means: _Means, look: _Look) -> Iterator[Event]:
    name = turn.child.name[:NAME_CAP]
    try:
        described = describe(replace(turn.child, name=name), means.budget, turn.passwords, means.scratch)
    except (Exception, BudgetSpent) as error:  # noqa: BLE001  the guard
        yield Artifact(id=number, parent=turn.parent, name=name, kind="unknown", size=_size(turn.child))
        yield _failure(error, "unpacking")
        return
    subject = described.subject
    artifact = Artifact(
        id=number,
        parent=turn.parent,
        name=name,
        kind=subject.kind,
        size=subject.blob.size,
        sha256=described.sha256,
        core_sha256=described.core_sha256,
        padding=described.padding[:RUNS_CAP],
    )
    alone = turn.child.beside is None and not described.lost and described.failure is None
    if alone and means.repeats.is_known(artifact):
        named = [stamp(one, number) for one in _named(subject, means)]
        first = means.repeats.first(artifact, named)
        if first is not None:
            yield replace(artifact, same_as=first)
            yield from named
            return
    yield artifact
    if alone:
        means.repeats.remember(artifact)
    if number and means.keep is not None:
        means.keep.artifact(number, subject.blob, described.sha256)
    yield from _shortfalls(described)
    if turn.depth > means.budget.limits.depth:
        yield rules.TOO_DEEP(Evidence(f"depth {turn.depth}"))
        return
    for one in means.analyzers:
        if subject.kind in one.kinds or "*" in one.kinds:
            yield from _guarded(one, subject, look)
    yield from _ledger(subject.kind, look)


def _left_over(turn: _Turn, number: int, means: _Means) -> Iterator[Event]:
    """A gap for a child that the scan ended before; its name costs nothing, so that is judged nevertheless."""
    name = turn.child.name[:NAME_CAP]
    yield Artifact(id=number, parent=turn.parent, name=name, kind="unknown", size=_size(turn.child))
    yield rules.NOT_REACHED(Evidence(name))
    yield from _named(Subject(Blob(b""), "unknown", name, Budget(means.budget.limits)), means)


def _named(subject: Subject, means: _Means) -> Iterator[Event]:
    """What the name alone says."""
    for one in means.analyzers:
        if one.name == "names":
            yield from _guarded(one, subject, _Look())


def _shortfalls(described: Description) -> Iterator[Finding]:
    """Gaps that reading the bytes left already."""
    if described.oversized:
        yield rules.INPUT_TOO_LARGE(Evidence(f"{described.subject.blob.size} bytes"))
    if described.lost:
        yield rules.SPOOL_FULL(Evidence(f"{described.lost} bytes not kept"))
    if described.failure is not None:
        yield _failure(described.failure, "unpacking")


def _ledger(kind: str, look: _Look) -> Iterator[Finding]:
    """Hold the artifact to the table of kinds."""
    entry = KINDS[kind]
    if entry.treatment == "gap":
        yield rules.NOT_READ(Evidence(entry.title))
    elif missing := [name for name in (*entry.needs, *ALWAYS) if name not in look.done]:
        yield rules.NOT_READ(Evidence(entry.title, where=", ".join(missing)))


def _guarded(one: Analyzer, subject: Subject, look: _Look) -> Iterator[Event]:
    """Run one analyzer; whatever goes wrong becomes a finding."""
    budget = subject.budget
    run: Iterator[Found] | None = None
    with budget.allowance(_KEPT):
        try:
            budget.spend(RECORD)
            run = iter(one.run(subject))
            for found in run:
                budget.spend(RECORD)
                if isinstance(found, Child):
                    if not budget.child():
                        yield rules.LIMIT_REACHED(Evidence("children limit of the scan", where=one.name))
                        break
                    look.children.append(found)
                elif isinstance(found, Passwords):
                    look.passwords = look.passwords.plus(found)
                elif isinstance(found, Recovered):
                    if look.take is not None:
                        look.take(found)
                else:
                    yield _trimmed(found)
            if budget.latched is not None:  # somebody swallowed it
                raise budget.latched  # noqa: TRY301  same way out as an honest one
            look.done.add(one.name)
        except (Exception, SystemExit, BudgetSpent) as error:  # noqa: BLE001  the guard
            yield _failure(error, one.name)
        finally:
            if run is not None and hasattr(run, "close"):
                run.close()


_RULES: tuple[tuple[type[BaseException], Rule], ...] = (
    (BudgetSpent, rules.LIMIT_REACHED),
    (Encrypted, rules.ENCRYPTED),
    (Malformed, rules.MALFORMED),
    (Unsupported, rules.UNSUPPORTED),
    (InputError, rules.INPUT_FAILED),
    (OSError, rules.INPUT_FAILED),
)


def _failure(error: BaseException, where: str) -> Finding:
    """The gap that an exception leaves; only our own exceptions may speak."""
    for kind, rule in _RULES:
        if isinstance(error, kind):
            text = type(error).__name__ if isinstance(error, OSError) else str(error)
            return rule(Evidence(text, where=where))
    return rules.ANALYZER_FAILED(Evidence(type(error).__name__, where=where))


def _trimmed(found: Found) -> Finding | Indicator | Opened | Step:
    """The event, with the input's texts cut to size.

    Raises:
        TypeError: an analyzer yielded something that is no event.
        ValueError: or one that says what can't be.
    """
    if isinstance(found, Finding):
        if not 0 <= found.confidence <= 1:
            raise ValueError
        if all(len(e.text) <= TEXT_CAP and len(e.where) <= TEXT_CAP and (e.offset or 0) >= 0 for e in found.evidence):
            return found
        return replace(found, evidence=tuple(map(_shortened, found.evidence)))
    if isinstance(found, Indicator):
        if len(found.value) <= VALUE_CAP and len(found.where) <= TEXT_CAP:
            return found
        return replace(found, value=_cut(found.value, VALUE_CAP), where=_cut(found.where, TEXT_CAP))
    if isinstance(found, Step):
        depth = min(max(found.depth, 0), DEEPEST)
        return replace(
            found,
            text=_cut(found.text, VALUE_CAP),
            where=_cut(found.where, TEXT_CAP),
            by=_cut(found.by, TEXT_CAP),
            depth=depth,
        )
    if isinstance(found, Opened):
        return found
    raise TypeError


def _shortened(one: Evidence) -> Evidence:
    """The evidence with its texts cut, and without a place before the beginning, which damaged archives name."""
    offset = one.offset if one.offset is None or one.offset >= 0 else None
    return Evidence(_cut(one.text, TEXT_CAP), _cut(one.where, TEXT_CAP), offset)


def _cut(text: str, cap: int) -> str:
    return text if len(text) <= cap else text[: cap - 1] + "…"


def _size(child: Child) -> int:
    content = child.content.blob if isinstance(child.content, Spooled) else child.content
    return 0 if callable(content) else len(content)
