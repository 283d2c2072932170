"""Links that Windows writes as XML: libraries, searches, search connectors and settings, judged by where they lead.

Explorer looks into a library's folders and fetches its icon as soon as the file is unpacked; a setting starts what its
DeepLink says. The formats have schemas of their own; only the addresses and commands in them matter here.
"""

import re
from collections.abc import Iterator

from emotriage.analyzers.url import judge_address, remote_icon
from emotriage.catalogue import url as rules
from emotriage.emulation import programs
from emotriage.formats.url import Entry
from emotriage.formats.xml import iter_events
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
_MOST = 256


@analyzer("url-xml", kinds={"xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge the addresses and commands of a link that is XML; other XML is left alone."""
    problems: list[Anomaly] = []
    root = ""
    met: set[tuple[str, str]] = set()
    for event in iter_events((window for _, window in subject.blob.windows()), subject.budget, problems):
        tag, attributes, text = event.element
        root = root or tag.lower()
        if root not in _ROOTS:
            return
        said = attributes.values() if event.start else (text,)
        for value in said:
            one = (tag.lower(), value.strip())
            if one[1] and one not in met and len(met) < _MOST:
                met.add(one)
                yield from _judge(*one)
    if problems:
        raise Malformed(f"XML is not read to its end: {problems[0].code}")


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
    if programs.server_of(value):
        yield Step(action="fetch", text=value, where=tag)
        if tag in _ICONS:
            yield from remote_icon(entry)
            return
    elif not _WEB.match(value):
        return
    yield Indicator(kind="url" if _WEB.match(value) else "path", value=value, where=tag)
    if not _WEB.match(value):
        yield from judge_address(entry)
