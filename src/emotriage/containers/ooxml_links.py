"""Relationships of a package that lead out of it: where to, and what Office does with them."""

import re
from collections.abc import Iterator

from emotriage.catalogue import ooxml as rules
from emotriage.formats.ooxml import Package, Relationship
from emotriage.formats.remote import asks_handler, distance
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, Budget

_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_MOST = 16

_BY_TYPE: dict[str, Rule] = {
    "attachedtemplate": rules.REMOTE_TEMPLATE,
    "oleobject": rules.REMOTE_OBJECT,
    "package": rules.REMOTE_OBJECT,
    "afchunk": rules.REMOTE_OBJECT,
    "control": rules.REMOTE_OBJECT,
    "vbaproject": rules.REMOTE_OBJECT,
    "frame": rules.REMOTE_FRAME,
    "subdocument": rules.REMOTE_FRAME,
    "image": rules.REMOTE_PICTURE,
    "audio": rules.REMOTE_PICTURE,
    "video": rules.REMOTE_PICTURE,
    "media": rules.REMOTE_PICTURE,
}
_FOLLOWED_BY_HAND = frozenset({"hyperlink", "externallinkpath", "xlexternallinkpath/xlpathmissing", "xlpathmissing"})


def judge_links(package: Package, budget: Budget) -> Iterator[Found]:
    """Findings and addresses of the external relationships that Office follows by itself."""
    seen: dict[str, list[Evidence]] = {}
    by_id: dict[str, Rule] = {}
    addresses: dict[str, str] = {}
    for one in package.relationships:
        budget.spend(RECORD)
        if not one.external or (rule := _rule(one)) is None:
            continue
        by_id[rule.id] = rule
        where = f"{one.source or '/'} {one.id}"
        seen.setdefault(rule.id, []).append(Evidence(one.target, where=where))
        addresses.setdefault(one.target, where)
    for name, evidence in seen.items():
        yield by_id[name](*evidence[:_MOST])
    for target, where in addresses.items():
        yield Indicator(kind="url" if _SCHEME.match(target) else "path", value=target.strip(), where=where)


def _rule(one: Relationship) -> Rule | None:
    kind = one.type.rpartition("/")[2].lower()
    if asks_handler(one.target):
        return rules.HANDLER_LINK
    where = distance(one.target)
    if where == "local" or kind in _FOLLOWED_BY_HAND:
        return None
    rule = _BY_TYPE.get(kind, rules.REMOTE_PART)
    return rules.INTRANET_TEMPLATE if rule is rules.REMOTE_TEMPLATE and where == "intranet" else rule
