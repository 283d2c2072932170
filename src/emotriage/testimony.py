"""What a worker says is checked word by word: it may have fallen to what it was looking at.

It can still keep silent about what it sees; it cannot take back what it said, harm its reader, or end without a word.
"""

import json
import math
import string
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from emotriage.model.finding import Finding
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.passwords import Source
from emotriage.model.step import ACTIONS, DEEPEST, Step
from emotriage.model.verdict import Artifact, Event, event_from_dict, event_to_dict

EVENTS_CAP = 500_000
BYTES_CAP = 256 << 20
"""Events and bytes of one scan that are listened to."""
_TEXT_CAP = 64 << 10
_SIZE_CAP = 1 << 62
_ORIGINS, _SOURCES = frozenset(get_args(Origin)), frozenset(get_args(Source))
_HEX = frozenset(string.hexdigits.lower())


class Untrue(Exception):
    """The worker said what no worker says; the message says what is wrong with it."""


def testimony(lines: Iterable[bytes], size: int) -> Iterator[Event]:
    """The events of one scan; ends when the worker says that it is done.

    Args:
        lines: what the worker sends.
        size: of the input, as we measured it.

    Raises:
        Untrue: the message is not one that a worker sends at this point.
    """
    artifacts = heard = 0
    for events, line in enumerate(lines):
        heard += len(line)
        if events > EVENTS_CAP or heard > BYTES_CAP:
            raise Untrue("answer too long")
        raw = parsed(line)
        if raw.keys() == {"events"}:
            if raw["events"] != events or not artifacts:
                raise Untrue("answer has holes")
            return
        event = _event(raw)
        if isinstance(event, Artifact):
            if event.id != artifacts or (event.id == 0 and event.size != size):
                raise Untrue("answer is about something else")
            artifacts += 1
        elif not 0 <= event.artifact < artifacts:
            raise Untrue("answer is about something unknown")
        yield event


def parsed(line: bytes) -> dict[str, Any]:
    """One message.

    Raises:
        Untrue: not a JSON object.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Untrue(f"unreadable answer: {type(error).__name__}") from error
    if not isinstance(raw, dict):
        raise Untrue("unreadable answer: no object")
    return raw


def _event(raw: dict[str, Any]) -> Event:
    try:
        event = event_from_dict(raw)
        right = _is_sound(event) and event_to_dict(event) == raw  # nothing more, nothing less
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        raise Untrue(f"unreadable answer: {type(error).__name__}") from error
    if not right:
        raise Untrue("answer is out of bounds")
    return event


def _is_sound(event: Event) -> bool:
    if isinstance(event, Artifact):
        parent = event.parent is None if event.id == 0 else _is_number(event.parent, event.id - 1)
        first = event.same_as is None or _is_number(event.same_as, event.id - 1)
        hashes = all(one is None or _is_sha256(one) for one in (event.sha256, event.core_sha256))
        runs = all(
            _is_number(run.offset) and _is_number(run.length) and _is_number(run.byte, 255) for run in event.padding
        )
        return parent and first and hashes and runs and _is_number(event.size) and _is_text(event.name, event.kind)
    if isinstance(event, Finding):
        texts = [event.rule, event.title, *event.attack, *(text for e in event.evidence for text in (e.text, e.where))]
        places = all(one.offset is None or _is_number(one.offset) for one in event.evidence)
        sure = math.isfinite(event.confidence) and 0 <= event.confidence <= 1
        return sure and places and _is_text(*texts)
    if isinstance(event, Indicator):
        return event.origin in _ORIGINS and _is_text(event.kind, event.value, event.where)
    if isinstance(event, Step):
        return (
            event.action in ACTIONS and _is_number(event.depth, DEEPEST) and _is_text(event.text, event.where, event.by)
        )
    return event.source in _SOURCES and _is_text(event.value)


def _is_text(*values: str) -> bool:
    return all(len(one) <= _TEXT_CAP for one in values)


def _is_number(value: object, top: int = _SIZE_CAP) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= top


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and _HEX.issuperset(value)
