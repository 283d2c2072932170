"""What the strings of a macro say openly: addresses, network paths, commands."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from emotriage.analyzers.vba.macros import UNREACHED, Macros
from emotriage.catalogue import vba as rules
from emotriage.emulation.cmdline import unfold
from emotriage.emulation.programs import (
    EVERYDAY,
    addresses_in,
    fetches,
    is_numeric,
    programs_in,
    runs_text,
    server_of,
    shares_in,
)
from emotriage.emulation.vba.fold import Constant
from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import RECORD

_PLAIN = 0.4  # confidence in a command that does nothing unusual
_LONGEST = 1 << 16
_INDICATORS = 200
_NAMESPACE = re.compile(
    r"(?i)^(?:schemas\.(?:microsoft|openxmlformats|xmlsoap)\.(?:com|org)|(?:www\.)?w3\.org|purl\.(?:org|oclc\.org)"
    r"|ns\.adobe\.com|docs\.oasis-open\.org|tempuri\.org|xml\.apache\.org|openoffice\.org|java\.sun\.com)$"
)
_COMMAND = re.compile(
    r"(?i)^[\s\"']*(?:%\w+%\\?|[a-z]:\\[^|&<>\"]{0,200}\\)?(?:cmd|powershell|pwsh|mshta|wscript|cscript"
    r"|rundll32|regsvr32|certutil|bitsadmin|msiexec|wmic|forfiles|schtasks|curl)(?:\.exe)?[\s\"'/]"
)
_HIDDEN = re.compile(
    r"(?i)[-/]w(?:in(?:dowstyle)?)?\s+(?:h(?:idden)?|1)\b|[-/]e(?:nc|c|ncodedcommand)?\s+[\w+/=]{8}"
    r"|[-/]e(?:p|x|xec|xecutionpolicy)\s+(?:bypass|unrestricted)|scrobj|/i:http|javascript:|vbscript:"
)


def look(macros: Macros) -> Iterator[Finding | Indicator]:
    """Commands as findings and indicators, addresses as indicators; each value once."""
    seen: set[tuple[str, str]] = set()
    for module, one in macros.constants():
        macros.program.budget.spend(RECORD + 2 * len(one.value))
        if len(one.value) < 6:
            continue
        value = one.value[:_LONGEST]
        for item in _look_at(macros, module, one, value):
            if isinstance(item, Finding):
                yield item
            elif (item.kind, item.value) not in seen and len(seen) < _INDICATORS:
                seen.add((item.kind, item.value))
                yield item


def _look_at(macros: Macros, module: int, one: Constant, value: str) -> Iterator[Finding | Indicator]:
    origin: Origin = "literal" if one.terms == 1 else "decoded"
    where = macros.where(module, one.start)
    if "://" in value:
        yield from _addresses(value, origin, where)
    if "\\\\" in value:
        for share in shares_in(value):
            if "." in (server := server_of(share)) or is_numeric(server):
                yield Indicator(kind="path", value=share, origin=origin, where=where)
    programs = [name for name in programs_in(value) if name not in EVERYDAY]
    if not programs:
        return
    unfolded = unfold(value, macros.program.budget)
    texts = (unfolded.text, *unfolded.decoded)
    for text in unfolded.decoded:
        yield from _addresses(text, "decoded", where)
    node = macros.program.node_at(module, one.start)
    evidence = macros.evidence(module, one.start, value)
    if any(fetches(text) or runs_text(text) or _HIDDEN.search(text) or addresses_in(text) for text in texts):
        yield rules.COMMAND(evidence)
    elif not _COMMAND.match(value):
        return
    elif macros.confidence(node) > UNREACHED:
        yield rules.COMMAND(evidence, confidence=_PLAIN)
    yield Indicator(kind="command", value=value, origin=origin, where=where)


def _addresses(text: str, origin: Origin, where: str) -> Iterator[Indicator]:
    for address in addresses_in(text):
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            host = ""
        if _NAMESPACE.match(host) or ("." not in host and host != "localhost"):
            continue
        yield Indicator(kind="url", value=address, origin=origin, where=where)
        if is_numeric(host):
            yield Indicator(kind="ip", value=host, origin=origin, where=where)
