"""ActiveX controls of Office Open XML packages: what MSForms keeps of them ([MS-OFORMS]), and what they are called.

ECMA-376 part 4 has the parts: ``activeX1.xml`` names the class and points to ``activeX1.bin``, a compound file whose
stream ``contents`` is the control; or it says the properties as text. What uses it says the name.
"""

from emotriage.formats.cfb import read_compound_file
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.vba.oforms import Control, read_contents
from emotriage.formats.xml import iter_events
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import MIB, RECORD, Budget

_MOST = 1024
_LIMIT = 4 * MIB
_TEXTS = {"value": "value", "caption": "caption", "groupname": "groupname", "tag": "tag", "text": "value"}


def read_package_controls(package: Package, budget: Budget) -> tuple[Control, ...]:
    """The controls on the pages and sheets of a package; what can't be read is left out."""
    found: list[Control] = []
    for source in package.parts:
        used = [one for one in package.relations(source.name) if one.type.lower().endswith("/control")]
        if not used:
            continue
        try:
            names = _names(package, source, budget)
        except FormatError:
            names = {}
        for one in used:
            budget.spend(RECORD)
            part = None if one.external else package.part(one.target)
            if part is None or len(found) >= _MOST:
                continue
            name = names.get(one.id, part.name.rpartition("/")[2].partition(".")[0]).lower()
            try:
                fields = _fields(package, part, budget)
            except FormatError:
                continue
            if fields:
                found.append(Control(name, fields, part.name))
    return tuple(found)


def _names(package: Package, source: Part, budget: Budget) -> dict[str, str]:
    """What the controls of a page are called, by relationship."""
    found: dict[str, str] = {}
    for event in iter_events(package.stream(source, budget), budget, starts=(), ends={"control"}):
        attributes = event.element.attributes
        found.setdefault(attributes.get("r:id", ""), attributes.get("name", ""))
    return found


def _fields(package: Package, part: Part, budget: Budget) -> dict[str, str]:
    """The texts of one control."""
    found: dict[str, str] = {}
    clsid = ""
    for tag, attributes, _ in package.xml(part, budget):
        if tag == "ocxPr" and (name := _TEXTS.get(attributes.get("name", "").lower())):
            found[name] = attributes.get("value", "")
        elif tag == "ocx":
            clsid = attributes.get("classid", "").strip("{}").lower()
    for one in package.relations(part.name):
        binary = None if one.external else package.part(one.target)
        if binary is not None:
            file = read_compound_file(Blob(package.read(binary, budget, _LIMIT)), budget)
            found |= read_contents(file, clsid, budget)
    if "value" in found:
        found["text"] = found["value"]
    return found
