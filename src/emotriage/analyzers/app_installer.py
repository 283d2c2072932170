"""App installers (.appinstaller): a small XML file that makes Windows fetch a package and offer to install it."""

from collections.abc import Iterator

from emotriage.catalogue import app as rules
from emotriage.catalogue import xml
from emotriage.formats.app_manifest import read_manifest
from emotriage.formats.xml import read_document_opening
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator

_EVIDENCE = 16


@analyzer("app-installer", kinds={"xml"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Say where the packages come from."""
    opening = subject.view(read_document_opening)
    if opening.root is None or opening.root.lower() != "appinstaller":
        return
    manifest = read_manifest((window for _, window in subject.blob.windows()), subject.budget)
    if manifest.addresses:
        named = [Evidence(one, where="package") for one in (manifest.name, manifest.publisher) if one]
        yield rules.INSTALLS_FROM(*(Evidence(one, where="Uri") for one in manifest.addresses[:_EVIDENCE]), *named)
    else:
        yield xml.ACTIVE_DOCUMENT(Evidence("app installer without an address", where=f"<{opening.root}>"))
    for one in manifest.addresses:
        yield Indicator(kind="url", value=one, where="Uri")
