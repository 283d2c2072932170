"""Which writer a defect's word belongs to, when a document is made of several."""

from collections.abc import Collection
from dataclasses import dataclass

from emotriage.testing.archive import DEFECTS as ZIP_DEFECTS
from emotriage.testing.compound_defects import DEFECTS as CONTAINER_DEFECTS
from emotriage.testing.ovba import DEFECTS as VBA_DEFECTS


@dataclass(frozen=True, slots=True)
class Divided:
    """Arguments that hand each defect to its writer; empty where there is none."""

    vba: dict[str, list[str]]
    container: dict[str, list[str]]
    zip: dict[str, list[str]]


def divide(defects: Collection[str], *, ooxml: bool) -> Divided:
    """Divide the words between VBA project, compound file and ZIP; `ooxml` prefers the ZIP to the compound file in it.

    Raises:
        ValueError: a word that is not known.
    """
    out = Divided({}, {}, {})
    for defect in defects:
        word = defect.partition(":")[0]
        if word in VBA_DEFECTS:
            target = out.vba
        elif ooxml and word in ZIP_DEFECTS:
            target = out.zip
        elif word in CONTAINER_DEFECTS:
            target = out.container
        else:
            raise ValueError(f"unknown defect {word!r}")
        target.setdefault("defects", []).append(defect)
    return out
