"""What makes a page more than text, pictures, links and scripts: elements and addresses that nobody here follows."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from emotriage.emulation.programs import server_of
from emotriage.formats.html_tags import Tag

_ELEMENT_NAMES = """
applet bgsound embed frame iframe isindex object param portal t:animate t:set xml:namespace hta:application import
implementation handler listener
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_ADDRESS_NAMES = """
href src action formaction background data codebase xlink:href poster srcset longdesc dynsrc lowsrc classid cite
manifest archive ping to from values
"""
ADDRESSES = frozenset(_ADDRESS_NAMES.split())
"""Attributes that hold addresses."""
_FOLLOWED = frozenset({"javascript", "vbscript", "data"})
"""Schemes of which scripts and files come."""
_SAFE_SCHEMES = _FOLLOWED | frozenset(
    ["http", "https", "mailto", "cid", "mid", "tel", "sms", "ftp", "ftps", "callto", "about", "webcal", "blob"]
)
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,31}):")
"""The scheme of an address without blanks."""
_IGNORED = re.compile(r"[\0-\x20\x7f-\xa0\u200b-\u200f\ufeff]+")
_STYLE = re.compile(r"(?i)expression\s{0,16}\(|behaviou?r\s{0,16}:\s{0,16}url|-moz-binding|javascript:|vbscript:")
_RAW = re.compile(
    r"(?i)<[\s\0/]{0,16}(?:script|object|embed|applet|iframe|frameset|hta:|svg[\s/>][^>]{0,256}onload)"
    r"|(?:java|vb)script\s{0,16}:"
)
_CHARSET = re.compile(r"(?i)charset\s{0,8}=\s{0,8}[\"']?(?:utf-7|x-user-defined|utf-16|utf-32)")


def bare(address: str) -> str:
    """An address as browsers take it: without blanks and control characters."""
    return _IGNORED.sub("", address[:4096])


def signs_of(tag: Tag, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """Why a tag is active in ways that are not followed, in words; nothing when it is not.

    Args:
        tag: the tag.
        known: schemes of addresses that are judged elsewhere.
    """
    if tag.cut:
        yield f"<{tag.name}> with too many attributes"
    if not tag.attributes:
        if tag.name in _ELEMENTS and not tag.closing and not _is_empty(tag, {}):
            yield f"<{tag.name}>"
        return
    given = dict(reversed(tag.attributes))
    if tag.name in _ELEMENTS and not tag.closing and not _is_empty(tag, given):
        yield f"<{tag.name}>"
    if tag.name == "meta" and given.get("http-equiv", "").strip().lower() == "set-cookie":
        yield "<meta set-cookie>"
    if tag.name == "link" and "import" in given.get("rel", "").lower():
        yield "<link import>"
    for name, value in tag.attributes:
        if name == "style" and _STYLE.search(value):
            yield "active style"
        elif name in ADDRESSES and (why := _address(value, known)):
            yield why


def raw_signs(text: str, *, scripts: bool) -> Iterator[str]:
    """Active words wherever they stand, for readers that take tags apart in other ways.

    Args:
        text: the page.
        scripts: whether it has scripts that were read as such.
    """
    if found := _CHARSET.search(text):
        yield found[0].lower()[:40]
    elif not scripts and (found := _RAW.search(text)):
        yield found[0].strip("< ").lower()[:40]
    elif not scripts and _STYLE.search(text):
        yield "active style"


def _is_empty(tag: Tag, given: dict[str, str]) -> bool:
    """True for a frame of nothing, or of a page that is written out in it."""
    if tag.name not in ("iframe", "frame", "embed", "object"):
        return False
    where = bare(given.get("src") or given.get("data") or "")
    if "classid" in given or "codebase" in given:
        return False
    return (where == "" and tag.name == "iframe") or where.lower().startswith(("about:blank", "data:", "javascript:"))


def _address(value: str, known: frozenset[str]) -> str:
    where = bare(value)
    if where.startswith("\\\\") and server_of(where):
        return "path on a share"
    scheme = SCHEME.match(where)
    if scheme is None:
        return ""
    name = scheme[1].lower()
    if name == "file":
        return "file: address on a server" if server_of(unquote(where)) else ""
    return "" if name in _SAFE_SCHEMES or name in known or len(name) < 2 else f"{name}: address"
