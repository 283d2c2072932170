"""Dates as Excel counts them, and which ones are worth trying where the clock is a key."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import product

_EPOCH = date(1899, 12, 30)
_FIRST = date(2021, 3, 1)
"""A Monday; any date does that is the same in every scan."""
_MOST = 1000
TODAY = (_FIRST - _EPOCH).days + 0.5
"""The moment at which a macro runs unless another one is tried."""


def _day_of(serial: float) -> date:
    return _EPOCH + timedelta(days=int(min(max(serial, 1.0), 2_900_000.0)))


def _seconds(serial: float) -> int:
    return round((serial - int(serial)) * 86400) % 86400


PARTS: dict[str, Callable[[float], float]] = {
    "DAY": lambda serial: float(_day_of(serial).day),
    "MONTH": lambda serial: float(_day_of(serial).month),
    "YEAR": lambda serial: float(_day_of(serial).year),
    "WEEKDAY": lambda serial: float(_day_of(serial).isoweekday() % 7 + 1),
    "HOUR": lambda serial: float(_seconds(serial) // 3600),
    "MINUTE": lambda serial: float(_seconds(serial) // 60 % 60),
    "SECOND": lambda serial: float(_seconds(serial) % 60),
}
"""What macros take of a moment."""
_TITLES = {"DAY": "day of the month", "WEEKDAY": "day of the week"}


def serial_of(year: float, month: float, day: float) -> float | None:
    """DATE, for what a calendar has."""
    try:
        return float((date(int(year), int(month), 1) - _EPOCH).days + int(day) - 1)
    except (ValueError, OverflowError):
        return None


def moments(asked: Iterable[str]) -> dict[float, str]:
    """Moments that answer each question in every way, with the name of what differs in each."""
    wanted = set(asked)
    years = range(2018, 2028) if "YEAR" in wanted else (_FIRST.year,)
    months = range(1, 13) if "MONTH" in wanted else (_FIRST.month,)
    days = range(1, 32 if "DAY" in wanted else 8 if "WEEKDAY" in wanted else 2)
    hours = range(24) if "HOUR" in wanted else (12,)
    if len(years) * len(months) * len(days) * len(hours) > _MOST:
        years, hours = (_FIRST.year,), (12,)
    found: dict[float, str] = {}
    for year, month, day in product(years, months, days):
        try:
            start = (date(year, month, day) - _EPOCH).days
        except ValueError:  # such as 31 February
            continue
        for hour in hours:
            serial = start + hour / 24
            found[serial] = _name(serial, wanted)
    return found


def _name(serial: float, asked: set[str]) -> str:
    parts = [f"{_TITLES.get(one, one.lower())} {PARTS[one](serial):.0f}" for one in PARTS if one in asked]
    return ", ".join(parts)
