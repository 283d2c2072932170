"""Windows programs made large: which of their parts is filler, told apart by the headers."""

from collections.abc import Iterator

from emotriage.catalogue import padding as rules
from emotriage.formats.pe import Part, read_image
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.blob import Blob
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB, RECORD, Budget
from emotriage.model.padding import Run, filler
from emotriage.model.stretches import Stretch, read_stretches

_LEAST = MIB
_SAMPLE = 8 << 10
_SAMPLES = 8
_RULES = {
    "section": rules.PROGRAM_SECTION,
    "resources": rules.PROGRAM_RESOURCES,
    "managed resources": rules.PROGRAM_MANAGED,
    "certificates": rules.PROGRAM_CERTIFICATES,
}


@analyzer("program-padding", kinds={"executable"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Report each part of 1 MiB or more that is mostly filler; certificates are never so large at all."""
    image = subject.view(read_image)
    fillers: list[Run | Stretch] = [run for run in subject.blob.holes if run.known]
    fillers += subject.view(read_stretches)
    resources = [one for one in image.parts if one.what != "section"]
    for part in image.parts:
        subject.budget.spend(RECORD * (1 + len(fillers)))
        if part.size < _LEAST or (part.what == "section" and any(_is_most_of(one, part) for one in resources)):
            continue  # whichever says more
        inside = sum(_shared(part, one) for one in fillers)
        if 2 * inside >= part.size:
            what = f"{inside} of {part.size} bytes are filler"
        elif part.what == "certificates":
            what = f"{part.size} bytes" + (", random" if _is_noise(subject.blob, part, subject.budget) else "")
        else:
            continue
        yield _RULES[part.what](Evidence(what, part.name or part.what, part.offset))


def _is_most_of(one: Part, section: Part) -> bool:
    return section.offset <= one.offset < section.end and 2 * one.size >= section.size


def _shared(part: Part, one: Run | Stretch) -> int:
    return max(min(part.end, one.end) - max(part.offset, one.offset), 0)


def _is_noise(blob: Blob, part: Part, budget: Budget) -> bool:
    budget.spend(8 * _SAMPLE * _SAMPLES)
    places = (part.offset + number * (part.size - _SAMPLE) // (_SAMPLES - 1) for number in range(_SAMPLES))
    return all(filler(blob.read(at, _SAMPLE)) == "random" for at in places)
