"""Pages that ask for passwords, and pages that lead elsewhere by themselves."""

import re
from collections import Counter
from collections.abc import Iterator

from emotriage.analyzers.html.links import domain_of, host_of
from emotriage.catalogue import html as rules
from emotriage.emulation.browser.run import PageRun
from emotriage.emulation.effects import Effect
from emotriage.formats.html_page import Page
from emotriage.formats.html_tags import Tag
from emotriage.formats.html_tags import text_of as words_of
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget

_PASSWORD = re.compile(r"(?i)type\s{0,8}=\s{0,8}[\\\"']{0,3}password")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_REFRESH = re.compile(r"(?i)\s*([\d.]*)\s*[;,]\s*(?:url\s*=)?\s*[\"']?\s*([^\"']{4,2048})")
_NOISE = re.compile(r"[\0-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffd]")
"""What no page shows: behind it stand bytes that are no text."""
_BRIEF = 400
_WORD = 64
_EVIDENCE = 8
_MANY = 4
_SAVED = 0.35
_GOES = ("location", "window.open", "click", "link")
_SENDS = ("fetch", "form", "xmlhttp", "msxml2", "ajax", "beacon")


def judge_forms(page: Page, run: PageRun, budget: Budget) -> Iterator[Found]:
    """Findings about what is typed in, and about where the page goes."""
    fetches = [one for one in run.run.effects if one.kind == "fetch" and host_of(one.what)]
    sends = [one for one in fetches if any(word in one.by for word in _SENDS)]
    goes = [one for one in fetches if one.by in _GOES]
    for one in fetches:
        origin = "literal" if one.what in page.text else "emulated"
        yield Indicator(kind="url", value=one.what, origin=origin, where=one.by)  # type: ignore[arg-type]  # one of the origins
    targets = list(_password_targets(page))
    if targets and (told := [one for one in targets if one is not None] or [_evidence(one) for one in sends]):
        own = _own_domains(page)
        saved = all(domain_of(host_of(one.text)) in own for one in told)
        yield rules.PASSWORD_FORM(*told[:_EVIDENCE], confidence=_SAVED if saved else 1.0)
    if targets and (known := list(_filled_in(page))):
        yield rules.KNOWS_READER(*known[:_EVIDENCE])
    if run.written and _PASSWORD.search(run.written) and not _PASSWORD.search(page.text):
        yield rules.HIDDEN_FORM(Evidence("password field", where="markup that scripts write"))
    low = page.text.lower()
    budget.spend(len(low) * (1 + len(fetches)) // 4)
    hidden = {domain_of(host_of(one.what)): one for one in (*goes, *sends)}
    if told := [_evidence(one) for domain, one in hidden.items() if domain not in low]:
        yield rules.HIDDEN_ADDRESS(*told[:_EVIDENCE])
    refreshes = list(_refreshes(page))
    for _, refresh in refreshes:
        yield Indicator(kind="url", value=refresh.text, where=refresh.where)
    leads = [one for soon, one in refreshes if soon]
    later = [one for soon, one in refreshes if not soon]
    later += [_evidence(one) for one in goes if one.by == "location"]
    if later and _is_brief(words_of(page.text, budget)):
        leads += later
    if leads:
        yield rules.REDIRECTS(*leads[:_EVIDENCE])


def _evidence(one: Effect) -> Evidence:
    return Evidence(one.what[:400], where=one.by)


def _own_domains(page: Page) -> set[str]:
    """Domains that a page of the web, saved as a file, would be of: most of what it leads to is there."""
    links = Counter(
        domain_of(host)
        for tag in page.tags
        if tag.name in ("a", "img", "link")
        for name, value in tag.attributes
        if name in ("href", "src") and (host := host_of(value))
    )
    return {domain for domain, count in links.items() if count >= _MANY}


def _password_targets(page: Page) -> Iterator[Evidence | None]:
    """For each password field, where its form goes; None where that is left to scripts."""
    form: Tag | None = None
    for tag in page.tags:
        if tag.name == "form":
            form = None if tag.closing else tag
        elif tag.name == "input" and any(name == "type" and _is_password(value) for name, value in tag.attributes):
            action = next((value for name, value in form.attributes if name == "action"), "") if form else ""
            away = host_of(action) or action.strip().lower().startswith("mailto:")
            yield Evidence(action.strip()[:400], where=f"character {tag.start}") if away else None


def _is_password(kind: str) -> bool:
    return kind.strip().lower() == "password"


def _filled_in(page: Page) -> Iterator[Evidence]:
    """Mail addresses that stand in fields already."""
    for tag in page.tags:
        if tag.name == "input":
            for name, value in tag.attributes:
                if name == "value" and _MAIL.fullmatch(value.strip()[:400]):
                    yield Evidence(value.strip(), where=f"character {tag.start}")


def _is_brief(shown: str) -> bool:
    """True when a page shows little to read: filler behind it has no more words, or is none."""
    shown = _NOISE.split(shown, maxsplit=1)[0]
    return sum(len(word) + 1 for word in set(shown.split()) if len(word) <= _WORD or not word.isascii()) < _BRIEF


def _refreshes(page: Page) -> Iterator[tuple[bool, Evidence]]:
    """Addresses that the page goes to, and whether at once, so that nobody reads what it shows."""
    for tag in page.tags:
        if tag.name != "meta":
            continue
        given = dict(reversed(tag.attributes))
        if given.get("http-equiv", "").strip().lower() == "refresh":
            found = _REFRESH.match(given.get("content", "")[:4096])
            if found is not None and host_of(found[2]):
                soon = len(found[1].partition(".")[0].lstrip("0")) < 2  # under ten seconds
                yield soon, Evidence(found[2].strip(), where=f"character {tag.start}")
