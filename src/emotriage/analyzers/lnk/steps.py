"""The story of a shortcut: what the user sees, what Windows runs, and what that fetches."""

import re
from collections.abc import Iterator

from emotriage.emulation import programs
from emotriage.formats.lnk import Shortcut
from emotriage.model.step import Step

_BLANKS = re.compile(r"\s{2,}")


def seen(link: Shortcut, name: str) -> Iterator[Step]:
    """What Explorer shows: the name without its suffix, the icon, the comment."""
    plain = name.replace("\\", "/").rpartition("/")[2]
    shown = plain[: -len(".lnk")] if plain.lower().endswith(".lnk") else plain
    icon = f" with the icon {link.icon},{link.icon_index}" if link.icon else ""
    yield Step(action="show", text=f"{shown!r}{icon}", where="icon" if link.icon else "")
    if comment := _BLANKS.sub(" ", link.strings.name).strip():
        yield Step(action="show", text=comment, where="comment", depth=1)


def run(link: Shortcut, arguments: str, readings: tuple[str, ...]) -> Iterator[Step]:
    """What one reading of the arguments starts.

    Args:
        link: the shortcut.
        arguments: of this reading.
        readings: the same with its covers off, layer by layer.
    """
    line = _BLANKS.sub(" ", f"{link.target} {arguments}").strip()
    if not line:
        return
    yield Step(action="start", text=line, where="arguments" if arguments.strip() else "target")
    told = {arguments.strip()}
    for one in readings:
        if one.strip() not in told:
            told.add(one.strip())
            yield Step(action="decode", text=_BLANKS.sub(" ", one).strip(), where="arguments", depth=1)
    text = "\n".join((arguments, *readings))
    for value in dict.fromkeys((*programs.addresses_in(text), *programs.shares_in(text))):
        yield Step(action="fetch", text=value, where="arguments", depth=1)
