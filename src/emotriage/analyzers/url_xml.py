"""Links that Windows writes as XML: libraries, searches, search connectors and settings, judged by where they lead.

Explorer looks into a library's folders and fetches its icon as soon as the file is unpacked; a setting starts what its
DeepLink says. The formats have schemas of their own; only the addresses and commands in them matter here.
"""

import re
from collections.abc import Iterator

from emotriage.analyzers.url import judge_address, remote_icon
from emotriage.catalogue import url as rules
from emotriage.catalogue import xml
from emotriage.emulation import programs
from emotriage.formats.url import Entry
from emotriage.formats.xml import iter_events, read_document_opening
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.anomaly import Anomaly
from emotriage.model.errors import Malformed
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.step import Step

_ROOTS = frozenset({"librarydescription", "searchconnectordescription", "persistedquery", "pcsettings"})
_ICONS = frozenset({"icon", "iconreference", "imagelink", "kind-icon"})
_WEB = re.compile(r"(?i)^https?://")
_SETTING = re.compile(
    r"(?i)^\"?(?:%windir%|%systemroot%|[a-z]:\\windows)\\(?:system32\\(?:control|rundll32)|immersivecontrolpanel\\systemsettings)"
    r"\.exe\"?(?=\s|$)[^&|<>]*$|^ms-settings:"
)
_SCHEME = re.compile(r"(?i)^@?\s*(?!knownfolder:\{[\da-f-]{36}\}$)[a-z][a-z\d+.-]+:|^::\{")
"""An address of the shell or of a program, which may lead anywhere."""
_PACKED = frozenset({"locationprovider", "serialized"})
"""What names code by its class, or holds a place in a form of the shell's own."""
_MOST = 256
_EVIDENCE = 8


@analyzer("url-xml", kinds={"xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the addresses and commands of a link that is XML; other XML is left alone."""
    root = subject.view(read_document_opening).root
    if root is None or root.lower() not in _ROOTS:
        return
    problems: list[Anomaly] = []
    met: set[tuple[str, str]] = set()
    unknown: list[Evidence] = []
    for event in iter_events((window for _, window in subject.blob.windows()), subject.budget, problems):
        tag, attributes, text = event.element
        said = attributes.values() if event.start else (text,)
        for value in said:
            one = (tag.lower(), value.strip())
            if not one[1] or one in met:
                continue
            if len(met) >= _MOST:
                unknown = [Evidence(f"more than {_MOST} different values", where=tag)]
                continue
            met.add(one)
            yield from _judge(*one)
            if not _is_understood(*one):
                unknown.append(Evidence(value.strip(), where=tag))
    if unknown:
        yield xml.ACTIVE_DOCUMENT(*unknown[:_EVIDENCE])
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")


def _is_understood(tag: str, value: str) -> bool:
    """False for what leads somewhere in a way that nobody here follows."""
    if tag == "deeplink" or _WEB.match(value) or programs.server_of(value.removeprefix("@")):
        return True
    return tag not in _PACKED and _SCHEME.match(value) is None


def _judge(tag: str, value: str) -> Iterator[Found]:
    """One element's text, or one attribute."""
    if tag == "deeplink":
        yield Indicator(kind="command", value=value, where=tag)
        yield Step(action="start", text=value, where=tag, by="click")
        if not _SETTING.match(value):
            yield rules.SETTING_COMMAND(Evidence(value, tag))
        for address in programs.addresses_in(value):
            yield Indicator(kind="url", value=address, where=tag)
        return
    entry = Entry("", tag, value.removeprefix("@"), 0)
    if programs.server_of(entry.value):
        yield Step(action="fetch", text=value, where=tag)
        if tag in _ICONS:
            yield from remote_icon(entry)
            return
    elif not _WEB.match(value):
        if _SCHEME.match(value):
            yield from judge_address(entry)
        return
    yield Indicator(kind="url" if _WEB.match(value) else "path", value=value, where=tag)
    if not _WEB.match(value):
        yield from judge_address(entry)
