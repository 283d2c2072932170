"""What makes a page more than text, pictures and links: its active elements, attributes and addresses."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from emotriage.emulation.programs import ACTIVE_SUFFIXES, server_of, suffix_of
from emotriage.formats.html_tags import Tag

_ELEMENT_NAMES = """
applet bgsound embed form frame frameset iframe input button isindex object param portal script select textarea
t:animate t:set xml:namespace hta:application import implementation
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.split())
_HARMLESS_INPUTS = frozenset({"hidden", "checkbox", "radio"})
_ADDRESS_NAMES = """
href src action formaction background data codebase xlink:href poster srcset longdesc dynsrc lowsrc classid cite
manifest archive ping
"""
_ADDRESSES = frozenset(_ADDRESS_NAMES.split())
_LINKS = frozenset({"href", "action", "formaction", "xlink:href"})
_SAFE_DATA = re.compile(r"(?i)data:image/(?:png|jpe?g|gif|bmp|webp|x-icon|tiff?)[;,]")
_SAFE_SCHEMES = frozenset(
    ["http", "https", "mailto", "cid", "mid", "tel", "sms", "ftp", "ftps", "callto", "about", "webcal"]
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,31}):")
_IGNORED = re.compile(r"[\0-\x20\x7f-\xa0\u200b-\u200f\ufeff]+")
_STYLE = re.compile(r"(?i)expression\s{0,16}\(|behaviou?r\s{0,16}:\s{0,16}url|-moz-binding|javascript:|vbscript:")
_RAW = re.compile(
    r"(?i)<[\s\0/]{0,16}(?:script|object|embed|applet|iframe|frameset|hta:|svg[\s/>][^>]{0,256}onload)"
    r"|(?:java|vb)script\s{0,16}:|charset\s{0,8}=\s{0,8}[\"']?(?:utf-7|x-user-defined|utf-16|utf-32)"
)
_ARCHIVES = frozenset(
    [".zip", ".rar", ".7z", ".gz", ".cab", ".ace", ".tar", ".one", ".docm", ".xlsm", ".xlsb", ".dotm", ".pptm"]
)
_PAGES = frozenset({".com", ".url", ".application"})
"""Suffixes that are mostly domains and pages."""
FILES = (ACTIVE_SUFFIXES - _PAGES) | _ARCHIVES


def signs_of(tag: Tag) -> Iterator[str]:
    """Why a tag is active, in words; nothing when it is not."""
    if tag.cut:
        yield f"<{tag.name}> with too many attributes"
    if tag.name in _ELEMENTS and not tag.closing:
        kind = next((value.lower() for name, value in tag.attributes if name == "type"), "")
        if tag.name != "input" or kind not in _HARMLESS_INPUTS:
            yield f"<{tag.name}>"
    given = dict(tag.attributes)
    if tag.name == "meta" and given.get("http-equiv", "").strip().lower() in ("refresh", "set-cookie"):
        yield "<meta refresh>"
    if tag.name == "link" and "import" in given.get("rel", "").lower():
        yield "<link import>"
    for name, value in tag.attributes:
        if re.fullmatch(r"on[a-z]{3,32}", name):
            yield f"{name} handler"
        elif name in ("srcdoc", "download"):
            yield f"{name} attribute"
        elif name == "style" and _STYLE.search(value):
            yield "active style"
        elif name in _ADDRESSES and (why := _address(value, link=name in _LINKS and tag.name in ("a", "area", "form"))):
            yield why


def raw_signs(text: str) -> Iterator[str]:
    """Active words wherever they stand, for readers that take tags apart in other ways."""
    if found := _RAW.search(text):
        yield found[0].strip("< ").lower()[:40]
    elif found := _STYLE.search(text):
        yield "active style"


def link_of(tag: Tag) -> str:
    """The address that a click on a tag leads to, or ""."""
    if tag.name not in ("a", "area", "base", "form") or tag.closing:
        return ""
    value = next((value for name, value in tag.attributes if name in _LINKS), "").strip()
    return value if re.match(r"(?i)(?:https?|ftps?):", _IGNORED.sub("", value[:16])) else ""


def _address(value: str, *, link: bool) -> str:
    bare = _IGNORED.sub("", value[:4096])
    if bare.startswith("\\\\") and server_of(bare):
        return "path on a share"
    scheme = _SCHEME.match(bare)
    if scheme is not None:
        name = scheme[1].lower()
        if name == "data":
            return "" if _SAFE_DATA.match(bare) else "data: address"
        if name == "file":
            return "file: address on a server" if server_of(unquote(bare)) else ""
        if name not in _SAFE_SCHEMES and len(name) > 1:
            return f"{name}: address"
    if link:
        path = re.split(r"[?#]", bare)[0]
        if (scheme is None or path.count("/") > 2) and suffix_of(unquote(path)) in FILES:
            return f"link to a {suffix_of(unquote(path))} file"
    return ""
