"""From findings to a score: a pure function whose result is its own explanation.

One path at a time (an artifact and all it is inside of), and the worst path decides: five slightly odd invoices do not
add up to malware.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from emotriage.model.finding import Finding, Trait
from emotriage.model.verdict import Artifact, Level, Points
from emotriage.scoring.policy import Policy


def aggregate(
    artifacts: Sequence[Artifact], findings: Sequence[Finding], policy: Policy
) -> tuple[Level, int, tuple[Points, ...]]:
    """(level, score, account) of a whole tree.

    Args:
        artifacts: in walk order, so that parents come before their children.
        findings: in the order in which the verdict lists them.
        policy: thresholds, weights, caps and chains.
    """
    by_artifact: dict[int, list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        by_artifact[finding.artifact].append(index)
    parents = {one.id: one.parent for one in artifacts}
    best: tuple[int, tuple[Points, ...]] = (0, ())
    for leaf in sorted({0, *by_artifact}):
        lines = _account(
            [index for one in _path(leaf, parents) for index in by_artifact.get(one, ())], findings, policy
        )
        score = sum(line.points for line in lines)
        if score > best[0]:
            best = score, lines
    score, lines = best
    if score > 100:
        lines, score = (*lines, Points("cap: a score stops at 100", 100 - score)), 100
    return level_of(score, policy, complete=not any(one.incomplete for one in findings)), score, lines


def level_of(score: int, policy: Policy, *, complete: bool) -> Level:
    """The level of a score; incomplete is never clean."""
    if score >= policy.malicious:
        return Level.MALICIOUS
    if score >= policy.suspicious:
        return Level.SUSPICIOUS
    return Level.CLEAN if complete else Level.UNVERIFIED


def _path(leaf: int, parents: dict[int, int | None]) -> Iterable[int]:
    at: int | None = leaf
    seen = set()
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = parents.get(at)


def _account(path: list[int], findings: Sequence[Finding], policy: Policy) -> tuple[Points, ...]:
    by_rule: dict[str, list[int]] = defaultdict(list)
    traits: dict[Trait, list[int]] = defaultdict(list)
    for index in sorted(path):
        by_rule[findings[index].rule].append(index)
        for trait in findings[index].traits:
            traits[trait].append(index)
    families: dict[str, list[Points]] = defaultdict(list)
    for rule, indices in sorted(by_rule.items()):
        if weight := max(policy.weight(findings[index]) for index in indices):
            families[findings[indices[0]].family].append(Points(rule, weight, tuple(indices)))
    lines: list[Points] = []
    for family, points in sorted(families.items()):
        lines += points
        total = sum(line.points for line in points)
        counted = max(*(line.points for line in points), min(policy.family_cap, total))
        if counted < total:
            lines.append(Points(f"cap: weak signs of {family} stop at {counted}", counted - total))
    chains = [chain for chain in policy.chains if chain.traits <= traits.keys()]
    if chains:
        chain = max(chains, key=lambda one: (one.points, one.name))
        proof = sorted({index for trait in chain.traits for index in traits[trait]})
        lines.append(Points(f"chain: {chain.name}", chain.points, tuple(proof)))
    return tuple(lines)
