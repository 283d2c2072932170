"""Manifests of apps: of Windows packages and their installers, and of Java archives.

Microsoft, "App package manifest" and "App Installer file schema"; Oracle, "JAR File Specification", section "JAR
Manifest".
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emotriage.formats.xml import iter_elements
from emotriage.model.anomaly import Anomaly
from emotriage.model.limits import RECORD, Budget

_KEPT = 256
_LINES = 4096


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package or an installer says of itself.

    Attributes:
        name: of the package.
        publisher: its distinguished name.
        shown: name and publisher as people see them.
        programs: executables and scripts that the package starts.
        capabilities: what it asks for.
        extensions: categories by which Windows starts it, such as ``windows.startupTask``.
        addresses: where packages come from.
        anomalies: what could not be read.
    """

    name: str = ""
    publisher: str = ""
    shown: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()


def read_manifest(chunks: Iterable[bytes], budget: Budget) -> Manifest:
    """Read an ``AppxManifest.xml``, a bundle's manifest, or an ``.appinstaller`` file.

    Raises:
        FormatError: what `chunks` raises.
    """
    problems: list[Anomaly] = []
    name = publisher = ""
    lists: dict[str, dict[str, None]] = {key: {} for key in ("shown", "program", "capability", "extension", "address")}

    def note(key: str, value: str | None) -> None:
        if value and len(lists[key]) < _KEPT:
            lists[key].setdefault(value.strip()[:2048])

    for tag, attributes, text in iter_elements(chunks, budget, problems):
        budget.spend(RECORD)
        low = tag.lower()
        if low in ("identity", "mainpackage", "mainbundle"):
            name, publisher = attributes.get("Name", name), attributes.get("Publisher", publisher)
        if low in ("displayname", "publisherdisplayname"):
            note("shown", text)
        if low.endswith("capability"):
            note("capability", attributes.get("Name"))
        if low in ("application", "extension", "executionalias"):
            note("program", attributes.get("Executable") or attributes.get("Alias"))
        if low == "extension":
            note("extension", attributes.get("Category"))
        if low in ("appinstaller", "mainpackage", "mainbundle", "package", "bundle"):
            note("address", attributes.get("Uri"))
    shown, programs, capabilities, extensions, addresses = (tuple(one) for one in lists.values())
    return Manifest(name, publisher, shown, programs, capabilities, extensions, addresses, tuple(problems))


def read_java_manifest(raw: bytes, budget: Budget) -> dict[str, str]:
    """The main section of ``META-INF/MANIFEST.MF``, names in lower case; lines that begin with a blank go on."""
    found: dict[str, str] = {}
    name = ""
    for line in _lines(raw):
        budget.spend(RECORD + len(line))
        if not line:
            break
        if line.startswith(" ") and name:
            found[name] += line[1:]
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            found[name] = value.strip()
    return found


def _lines(raw: bytes) -> Iterator[str]:
    for line in raw.splitlines()[:_LINES]:
        yield line.decode("utf-8", "replace")
