"""Files that a page brings with it and hands to its reader: by its scripts, or written out as addresses."""

from collections.abc import Iterator

from emotriage.analyzers.html.links import FILES
from emotriage.analyzers.html.signs import ADDRESSES, bare
from emotriage.catalogue import html as rules
from emotriage.emulation.browser.files import Handed
from emotriage.emulation.browser.run import PageRun
from emotriage.emulation.literals import payloads
from emotriage.emulation.password_text import harvest
from emotriage.emulation.programs import suffix_of
from emotriage.formats.data_address import read_data_address
from emotriage.formats.html_page import Page
from emotriage.formats.html_tags import text_of as words_of
from emotriage.formats.identify import identify
from emotriage.model.analyzer import Child, Found, Subject
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import Budget
from emotriage.model.passwords import Passwords
from emotriage.model.step import Step

_FILES = 32
_ADDRESSES = 1 << 14
_PLAIN = frozenset(
    ["text", "image", "font", "media", "empty", "calendar", "metafile", "signature", "html", "svg", "xml"]
)
"""Kinds that pages hand over every day; they are judged for what they are."""
_PICTURES = ("image/", "font/", "application/font", "application/x-font", "text/css", "audio/", "video/")
_HANDS_OVER = ("createobjecturl", "mssaveblob", "mssaveoropenblob", "saveas(", "new blob", ".download", "new file(")
_LARGE = 1024


def judge_files(page: Page, run: PageRun, budget: Budget) -> Iterator[Found]:
    """Findings and children for files that are made by scripts, written as addresses, or left in encoded text."""
    files = {(one.name, one.content): one for one in (*_addresses(page, budget), *run.files)}
    unread = [one for one in files.values() if one.content is None]
    read = [one for one in files.values() if one.content is not None]
    named = {one.content for one in read if one.name}
    kept = [one for one in read if one.name or one.content not in named][:_FILES]
    if not kept:
        found = list(_encoded(page, run, budget))
        kept += (one for one in found if one.content is not None)
        unread += (one for one in found if one.content is None and not unread)
    smuggled: list[Evidence] = []
    plain: list[Evidence] = []
    for one in kept:
        kind = identify(Subject(Blob(one.content or b""), "unknown", one.name, budget))
        said = Evidence(f"{one.name or 'file'}, {kind} of {len(one.content or b'')} bytes", where=one.by)
        (plain if kind in _PLAIN and suffix_of(one.name) not in FILES else smuggled).append(said)
    if smuggled:
        yield rules.SMUGGLES_FILE(*smuggled)
    if plain:
        yield rules.MAKES_FILE(*plain)
    if unread:
        yield rules.FILE_NOT_READ(*(Evidence(one.name or "file", where=one.by) for one in unread[:_FILES]))
    if len(read) > _FILES:
        yield rules.FILE_NOT_READ(Evidence(f"{len(read) - _FILES} more files"))
    passwords = _passwords(page, run, [one.name for one in kept], budget) if kept else Passwords()
    for number, one in enumerate(kept):
        yield Step(action="write", text=one.name or f"file-{number}", by=one.by)
        yield Child(one.name or f"file-{number}", one.content or b"", passwords)


def _addresses(page: Page, budget: Budget) -> Iterator[Handed]:
    """Files that are written out as ``data:`` addresses, but for pictures and fonts; pages in frames."""
    met: set[tuple[str, str, str]] = set()
    for tag in page.tags:
        if not tag.attributes:
            continue
        given = dict(reversed(tag.attributes))
        if tag.name == "iframe" and (inner := given.get("srcdoc")):
            yield Handed("frame.html", "text/html", b"<!doctype html>\n" + inner.encode("utf-8", "replace"), "srcdoc")
        if tag.name == "script":
            continue
        for name, value in tag.attributes:
            if name not in ADDRESSES or not bare(value[:64]).lower().startswith("data:"):
                continue
            by = f"{tag.name} {name}"
            if (same := (by, value, given.get("download", ""))) in met:
                continue
            if len(met) >= _ADDRESSES:
                yield Handed("addresses past those that are read", "", None, by)
                return
            met.add(same)
            one = read_data_address(value, budget)
            if one is None:
                yield Handed(given.get("download", ""), "", None, by)
            elif one.type == "image/svg+xml" or not one.type.startswith(_PICTURES) or "download" in given:
                yield Handed(given.get("download", ""), one.type, one.content, by)


def _encoded(page: Page, run: PageRun, budget: Budget) -> Iterator[Handed]:
    """Files in encoded text of a page whose scripts hand one over, though evaluating them did not say which."""
    texts = [page.text, *(one.text for one in run.run.layers if one.by in ("eval", "Function"))]
    for text in texts[:8]:
        budget.spend(4 * len(text))
        low = text.lower()
        words = [word.strip("(") for word in _HANDS_OVER if word in low]
        if not words:
            continue
        found = False
        for one in payloads(text, budget):
            if one.text is None:
                found = True
                yield Handed("", "", one.data, f"{one.encoding} at character {one.offset}")
        if not found and run.lost and _longest_word(text) > _LARGE:
            yield Handed("", "", None, words[0])


def _longest_word(text: str) -> int:
    """Length of the longest stretch without blanks."""
    return max(map(len, text.split()), default=0)


def _passwords(page: Page, run: PageRun, names: list[str], budget: Budget) -> Passwords:
    """Candidates that the page tells its reader."""
    texts = [words_of(page.text, budget)[: 256 << 10], *([words_of(run.written, budget)] if run.written else [])]
    return Passwords.of((one.value for one in harvest(texts, budget, (), [one for one in names if one])), "mail-text")
