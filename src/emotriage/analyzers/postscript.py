"""PostScript (PostScript Language Reference, 3rd edition): always a gap, and a finding where it hides what it runs."""

import re
from collections.abc import Iterator

from emotriage.catalogue import postscript as rules
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.finding import Evidence

_HEAD = 1024
_OVERLAP = 8192
_EVIDENCE = 4
_RUN = re.compile(rb"<[0-9A-Fa-f\s]{128,4096}>[^<>%]{0,256}\b(?:cvx\s{1,8})?exec\b")
_ESCAPES = re.compile(rb"%pipe%|\.eqproc\b|\.forceput\b|\.rsdparams\b|\.libfile\b|\bcopydevice2?\b")


@analyzer("postscript", kinds={"text"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Say that it is PostScript, and what in it is no drawing."""
    head = subject.blob.read(0, _HEAD).lstrip(b" \t\r\n\0")
    if not head.startswith((b"%!PS", b"%!Adobe")):
        return
    yield rules.PROGRAM(Evidence(head[:16].split()[0].decode("latin-1"), where="first line", offset=0))
    found: list[Evidence] = []
    for at, window in subject.blob.windows(overlap=_OVERLAP):
        subject.budget.spend(8 * len(window))
        for pattern in (_RUN, _ESCAPES):
            if len(found) < _EVIDENCE and (one := pattern.search(window)):
                found.append(Evidence(one[0][-32:].decode("latin-1"), where="PostScript", offset=at + one.start()))
    if found:
        yield rules.HIDDEN_CODE(*found)
