"""Links of a page: where they lead, what they claim, and how they are made to be misread."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from emotriage.analyzers.html.signs import SCHEME, bare
from emotriage.catalogue import html as rules
from emotriage.emulation.programs import ACTIVE_SUFFIXES, suffix_of
from emotriage.formats.host_number import in_plain_numbers
from emotriage.formats.html_page import Page
from emotriage.formats.html_tags import Tag
from emotriage.formats.html_tags import text_of as words_of
from emotriage.model.analyzer import Found
from emotriage.model.finding import Evidence, Rule
from emotriage.model.indicator import Indicator
from emotriage.model.limits import RECORD, TOKEN, Budget

_URLS = 256
_EVIDENCE = 16
_BEHIND_PATH = re.compile(r"[?#].*", re.DOTALL)
_CLICKED = frozenset({"a", "area", "form"})
_FETCHED = frozenset({"link", "image", "use"})
_SHOWN = 400
_LINKS = ("href", "action", "formaction", "xlink:href")
PROGRAMS = frozenset(
    ["ms-appinstaller", "ms-msdt", "search-ms", "search", "ms-officecmd", "ms-search", "ms-its", "mk", "its", "hcp",
     "ms-cxh", "ms-cxh-full", "ms-settings", "shell", "mhtml", "ms-gamingoverlay", "ms-availablenetworks"]
)  # fmt: skip
"""Schemes that hand what follows to a program of the system."""
OFFICE = frozenset(
    ["ms-word", "ms-excel", "ms-powerpoint", "ms-visio", "ms-access", "ms-project", "ms-publisher", "ms-spd", "onenote",
     "ms-infopath", "ms-outlook", "ms-teams", "msteams", "ms-onenotecmd"]
)  # fmt: skip
"""Schemes that open a document, or a meeting, in an office program."""
HANDED_ON = PROGRAMS | OFFICE
_ARCHIVES = frozenset(
    [".zip", ".rar", ".7z", ".gz", ".cab", ".ace", ".tar", ".one", ".docm", ".xlsm", ".xlsb", ".dotm", ".pptm"]
)
_PAGES = frozenset({".com", ".url", ".application"})
"""Suffixes that are mostly domains and pages."""
FILES = (ACTIVE_SUFFIXES - _PAGES) | _ARCHIVES
"""Suffixes of what a click brings as a file."""
_WEB = re.compile(r"(?i)(?:https?|ftps?):[/\\]{0,4}(?:([^/\\@?#]{1,256})@)?([^/\\:?#]{1,253})([^?#]*)")
_SAID = re.compile(
    r"(?i)\s*(?:https?://|(?=www\.)|(?=[\w.-]{1,200}\.(?:com|net|org|info|biz|gov|edu|jp|de|uk|fr|eu|us|cn)(?:[/:?#]|\s*\Z)))"
    r"([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})\.?(?:[/:?#]\S{0,2048})?\s*\Z"
)
_HOST_LIKE = re.compile(r"(?i)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def judge_links(page: Page, budget: Budget) -> Iterator[Found]:
    """Indicators and findings of the links and forms of a page."""
    addresses: dict[str, int] = {}
    commands: dict[str, int] = {}
    seen: dict[str, tuple[Rule, dict[str, Evidence]]] = {}
    met: set[tuple[str, bool, bool]] = set()
    for tag in page.tags:
        if tag.closing or not tag.attributes:
            continue
        for name, value in tag.attributes:
            if name not in _LINKS and not (name == "src" and tag.name in ("iframe", "frame")):
                continue
            budget.spend(RECORD)
            same = value, tag.name in _CLICKED, tag.name in _FETCHED
            if same in met:
                continue
            met.add(same)
            where = bare(value)
            if len(addresses) < _URLS and _WEB.match(where) and tag.name not in _FETCHED:
                addresses.setdefault(value.strip(), tag.start)
            if len(commands) < _URLS and _scheme_of(where) in HANDED_ON:
                commands.setdefault(value.strip(), tag.start)
            for rule in _judge(tag, where):
                held = seen.setdefault(rule.id, (rule, {}))[1]
                if len(held) < _EVIDENCE:
                    held.setdefault(where, Evidence(where[:_SHOWN], where=f"character {tag.start}"))
    for address, at in addresses.items():
        yield Indicator(kind="url", value=address, where=f"character {at}")
    for command, at in commands.items():
        yield Indicator(kind="command", value=command, where=f"character {at}")
    for rule, evidence in seen.values():
        yield rule(*evidence.values())
    if other := list(_others(page, budget)):
        yield rules.OTHER_HOST(*other[:_EVIDENCE])


def _scheme_of(where: str) -> str:
    found = SCHEME.match(where)
    return found[1].lower() if found else ""


def _judge(tag: Tag, where: str) -> Iterator[Rule]:
    name = _scheme_of(where)
    if name in PROGRAMS:
        yield rules.PROTOCOL_LINK
    elif name in OFFICE:
        yield rules.OFFICE_LINK
    found = _WEB.match(where)
    if found is not None:
        if found[1] and _HOST_LIKE.fullmatch(unquote(found[1]).partition(":")[0]):
            yield rules.CREDENTIALS
        if in_plain_numbers(where):
            yield rules.ODD_NUMBER
    if tag.name in _CLICKED:
        path = unquote(_BEHIND_PATH.sub("", where))
        if (not name or path.count("/") > 2) and suffix_of(path) in FILES:
            yield rules.FILE_LINK


def _others(page: Page, budget: Budget) -> Iterator[Evidence]:
    """Links whose text names another host than their target."""
    for one in page.elements:
        if one.name != "a" or (target := host_of(one.attributes.get("href", ""))) == "":
            continue
        start, end = one.inner
        budget.spend(TOKEN)
        inner = page.text[start : min(end, start + 2 * _SHOWN)]
        said = _SAID.match(words_of(inner, budget)) if "." in inner else None
        if said is not None and domain_of(said[1]) != domain_of(target):
            yield Evidence(f"{said[1]} leads to {target}", where=f"character {one.start}")


def host_of(address: str) -> str:
    """The host of an address of the web in lower case, or nothing."""
    found = _WEB.match(bare(address))
    return found[2].lower().strip(".") if found else ""


def domain_of(host: str) -> str:
    """The part of a host's name that somebody has registered, as far as its shape tells."""
    labels = host.lower().strip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])
