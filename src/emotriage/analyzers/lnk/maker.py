"""Where a shortcut was made: machine, card, volume, ids and times, which tie the shortcuts of a campaign together."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from emotriage.formats.lnk import Shortcut
from emotriage.model.indicator import Indicator

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UUID_EPOCH = 0x1B21DD213814000 - 116_444_736_000_000_000
"""Ticks from the epoch of UUIDs (1582) to that of FILETIMEs (1601)."""
_TICKS = 10
_TIME_BASED = 1


def origin(link: Shortcut) -> Iterator[Indicator]:
    """The features of the machine and the moment, each as an indicator of a kind of its own."""
    extra, info = link.extra, link.link_info
    yield Indicator(kind="time", value=", ".join(_moment(one) for one in link.times), where="header")
    if link.items:
        yield Indicator(kind="item-list", value="-".join(f"{one.kind:02x}" for one in link.items), where="IDList")
    if info is not None and info.drive_serial:
        yield Indicator(kind="volume-serial", value=f"{info.drive_serial:08x}", where="LinkInfo")
    if extra.machine:
        yield Indicator(kind="host", value=extra.machine, where="tracker block")
    if extra.mac:
        yield Indicator(kind="mac", value=extra.mac, where="tracker block")
    for one in dict.fromkeys(extra.object_ids):
        number = UUID(one)
        if number.int:
            yield Indicator(kind="object-id", value=one, where="tracker block")
        if number.version == _TIME_BASED:
            yield Indicator(kind="time", value=_moment(number.time - _UUID_EPOCH), where="tracker block")
    if extra.folder:
        yield Indicator(kind="known-folder", value=extra.folder, where="extra data")


def _moment(ticks: int) -> str:
    """A FILETIME in words; ``none`` for 0, the number itself where no calendar has it."""
    if ticks <= 0:
        return "none"
    try:
        return (_EPOCH + timedelta(microseconds=ticks // _TICKS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return f"{ticks:#x}"
