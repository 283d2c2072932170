"""A worker's life: import, give up all that a scan does not need, answer scans until the parent hangs up."""

import gc
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from emotriage.confine import allow_processor_time, bind, confine
from emotriage.handover import Keeper, Pipe
from emotriage.job import PROTOCOL, Options, events_of
from emotriage.model.blob import Blob
from emotriage.model.verdict import event_to_dict
from emotriage.registry import load

_PIECE = 1 << 16
_GARBAGE = 50_000
"""New objects before cycles are looked for: trees of code are many objects without any, and live as long as a scan."""


def serve(channel: socket.socket) -> None:
    """Answer scans until the parent hangs up."""
    gc.set_threshold(_GARBAGE, 20, 20)
    with channel.makefile("rb", buffering=0) as alone:  # not a byte more: `_warm` must see whether a scan waits
        options = Options.from_dict(json.loads(alone.readline()))
    tempfile.tempdir = options.scratch  # for plugins; it can't be searched for when the doors are closed
    bound = bind(options.limits, _lifeline())
    for plugin in options.plugins:  # what they import lies anywhere, so they come before the door closes
        _say(channel, {"loading": plugin.name})  # the parent can't see whom we hang in or die of
        load([plugin])
    layers = (*bound, *confine(options.scratch))
    _say(channel, {"protocol": PROTOCOL, "layers": [[one.name, one.active, one.note] for one in layers]})
    _warm(channel)
    for request, descriptors in _messages(channel):
        allow_processor_time(options.limits)
        said = 0
        with closing(Blob.open(descriptors.pop(0))) as blob, ExitStack() as held:
            keep = Keeper(held.enter_context(closing(Pipe(descriptors.pop(0))))) if request["keep"] else None
            events = events_of(options, request["name"], blob, keep=keep)
            for said, event in enumerate(events, 1):  # noqa: B007  needed below
                _say(channel, event_to_dict(event))
        _say(channel, {"events": said})


def _say(channel: socket.socket, message: dict[str, Any]) -> None:
    channel.sendall(json.dumps(message, ensure_ascii=True).encode() + b"\n")


def _messages(channel: socket.socket) -> Iterator[tuple[dict[str, Any], list[int]]]:
    """(message, descriptors that are here and that nobody has taken yet) as they come; several may come at once."""
    buffer, descriptors = b"", []
    while True:
        piece, received, _, _ = socket.recv_fds(channel, _PIECE, 2)
        if not piece:
            return
        *lines, buffer = (buffer + piece).split(b"\n")
        descriptors += received
        for line in lines:
            yield json.loads(line), descriptors


def _lifeline() -> int:
    """The pipe on standard input, moved out of the way of whoever reads that."""
    lifeline = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123  a device
        os.dup2(nothing.fileno(), 0)
    return lifeline


def _warm(channel: socket.socket) -> None:
    """Import what scans will want, until the first of them is here."""
    homes = (import_module(f"emotriage.{home}") for home in ("containers", "analyzers"))
    for name in [
        "emotriage.walk",
        *(f"{home.__name__}.{one.name}" for home in homes for one in iter_modules(home.__path__)),
    ]:
        try:
            channel.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            with suppress(Exception):  # it will fail again when it is wanted, and be reported then
                import_module(name)
        else:
            break
