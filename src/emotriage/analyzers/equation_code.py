"""What the data of an equation would run: command lines in plain letters, addresses under a key."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from emotriage.catalogue import equation as rules
from emotriage.emulation import programs
from emotriage.formats.equation import written
from emotriage.formats.xored import hidden_addresses
from emotriage.model.analyzer import Child, Found
from emotriage.model.finding import Evidence
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget
from emotriage.model.step import Step

_SHOWN = 8
_SHARE = re.compile(r"\\\\[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?:@\w{1,8}){0,2}\\[\x21-\x7e]{1,256}")
_WRITES = re.compile(r"(?i)(?:cmd(?:\.exe)?\s+/c\s+)?@?echo[\s:.(][^>]*>")
_NAME = "equation-commands"


def commands_in(content: bytes, budget: Budget) -> list[tuple[int, str]]:
    """(offset, command line) of what names a program that runs commands or scripts, each once.

    Args:
        content: of ``Equation Native``.
        budget: charged for every byte.
    """
    lines: dict[str, int] = {}
    for at, text in written(content, budget):
        line = text.strip()
        if programs.programs_in(line):
            lines.setdefault(line, at)
    return [(at, line) for line, at in lines.items()]


def judge_code(content: bytes, where: str, budget: Budget) -> Iterator[Found]:
    """Report what an equation would run and fetch; commands are followed by `followed`."""
    if lines := commands_in(content, budget):
        yield rules.COMMAND(*(Evidence(line, where=where, offset=at) for at, line in lines[:_SHOWN]))
        for _, line in lines[:_SHOWN]:
            yield Indicator(kind="command", value=line, where=where)
            yield Step(action="start", text=line, where=where)
    for _, line in written(content, budget):
        if not programs.programs_in(line):
            for address in programs.addresses_in(line):
                yield Indicator(kind="url", value=address, where=where)
        if (share := _SHARE.search(line)) is not None:
            yield Indicator(kind="path", value=share.group(), where=where)
            yield Step(action="fetch", text=share.group(), where=where)
    if hidden := list(islice(hidden_addresses(content, budget), _SHOWN)):
        yield rules.HIDDEN_ADDRESS(*(Evidence(one.address, where=where, offset=one.offset) for one in hidden))
        for one in hidden:
            yield Indicator(kind="url", value=one.address, origin="decoded", where=f"{where}, key {one.key.hex()}")
            yield Step(action="fetch", text=one.address, where=where)


def followed(lines: Sequence[str]) -> Iterator[Child]:
    """Command lines as the batch file that they come to; nothing where they only write pieces of a file."""
    if not all(map(_WRITES.match, lines)):
        yield Child(_NAME, "\r\n".join(["@echo off", *lines, ""]).encode("ascii", "replace"))
