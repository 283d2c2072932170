"""A page, judged: its scripts are evaluated together, and their files, forms, links and addresses looked at."""

from collections.abc import Iterator

from emotriage.analyzers.html.files import judge_files
from emotriage.analyzers.html.forms import judge_forms
from emotriage.analyzers.html.links import HANDED_ON, host_of, judge_links
from emotriage.analyzers.html.signs import bare, raw_signs, signs_of
from emotriage.analyzers.script.outcome import judge_run
from emotriage.catalogue import html as rules
from emotriage.emulation.browser.run import PageRun, run_page
from emotriage.emulation.effects import Run
from emotriage.emulation.vbscript import run as run_vbscript
from emotriage.formats.html_page import Page, read_page
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget
from emotriage.model.step import Action, Recovered, Step

_EVIDENCE = 16
_TOLD = 200
_ACTIONS: dict[str, Action] = {
    "start": "start", "fetch": "fetch", "write": "write", "object": "create", "page": "show",
}  # fmt: skip
_PAGE = b"<!doctype html>\n"


def judge_page(text: str, budget: Budget) -> Iterator[Found]:
    """All there is to say about a page.

    Args:
        text: the page, or a picture in SVG.
        budget: charged for every tag, token and instruction.
    """
    budget.spend(8 * len(text))
    page = read_page(text, budget)
    run = run_page(page, budget)
    yield from _steps(run)
    yield from judge_links(page, budget)
    yield from judge_files(page, run, budget)
    yield from judge_forms(page, run, budget)
    yield from _external(page, run)
    yield from _acts(page, run, budget)
    active = _not_followed(page, run)
    if active:
        yield rules.ACTIVE_CONTENT(*list(active.values())[:_EVIDENCE])
    if "<" in run.written:
        yield Child("written.html", _PAGE + run.written.encode("utf-8", "replace"))


def _steps(run: PageRun) -> Iterator[Found]:
    """What the scripts do, in order, and the texts that they take the covers off."""
    for number, one in enumerate(run.run.layers):
        if one.by in ("eval", "Function"):
            yield Recovered(f"{one.by}-{number}", "javascript", one.text)
    if run.written:
        yield Recovered("written", "html", run.written)
    for effect in run.run.effects[:_TOLD]:
        yield Step(action=_ACTIONS.get(effect.kind, "call"), text=effect.what, by=effect.by)


def _external(page: Page, run: PageRun) -> Iterator[Found]:
    """Scripts that are loaded from elsewhere."""
    places = {one.source: f"character {one.at}" for one in page.scripts if host_of(_whole(one.source))}
    places |= {one.what: one.by for one in run.run.effects if one.by == "script.src" and host_of(_whole(one.what))}
    for address, where in list(places.items())[:_EVIDENCE]:
        yield Indicator(kind="url", value=_whole(address), where=where)
    if places:
        yield rules.EXTERNAL_SCRIPT(*(Evidence(one, where=at) for one, at in list(places.items())[:_EVIDENCE]))


def _whole(address: str) -> str:
    """An address with its scheme; browsers take that of the page where it has none."""
    where = bare(address)
    return f"https:{where}" if where.startswith("//") else where


def _acts(page: Page, run: PageRun, budget: Budget) -> Iterator[Found]:
    """What scripts would do to the system where they are let: as those of an HTML application."""
    low = page.text.lower()
    runs = [
        Run(run.run.layers, tuple(one for one in run.run.effects if one.kind not in ("fetch", "page")), complete=True)
    ]
    if vbscript := "\n".join(one.text for one in page.scripts if one.language == "vbscript"):
        runs.append(run_vbscript(vbscript, budget))
    for one in runs:
        if one.effects or not one.complete:
            yield from judge_run(one, low, budget)


def _not_followed(page: Page, run: PageRun) -> dict[str, Evidence]:
    """Why the page was not followed to its end, by what it says."""
    active: dict[str, Evidence] = {}
    for tag in page.tags:
        for why in signs_of(tag, HANDED_ON):
            if len(active) < _EVIDENCE:
                active.setdefault(why, Evidence(why, where=f"character {tag.start}"))
    for script in page.scripts:
        if script.source and not host_of(_whole(script.source)):
            active.setdefault("script in another file", Evidence(script.source[:200], where=f"character {script.at}"))
    for why in run.lost:
        active.setdefault(why, Evidence(why, where="scripts"))
    if page.cut:
        active.setdefault("more than is kept", Evidence("more elements than are kept", where="page"))
    for why in raw_signs(page.text, scripts=bool(page.scripts)):
        if not active:
            active[why] = Evidence(why, where="outside of tags")
    return active
