"""What a worker gives up before it sees the first byte of an input; each layer holds where the others do not."""

import contextlib
import os
import signal
import sys
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emotriage.model.limits import MIB, Limits

ADDRESS_SPACE_FACTOR = 3
"""Address space of a worker, in its memory limits: what is reserved is not yet used."""
OPEN_FILES = 64
CPU_GRACE = 5
"""Seconds of processor time beyond a scan's deadline: who outlives even its parent ends by itself."""
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/usr/share/zoneinfo")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of confinement of an isolated scan.

    Attributes:
        name: ``limits``, ``lifeline``, ``no-new-privileges``, ``files``, ``system-calls`` ...
        active: does it hold here.
        note: what it does, or why it is not active.
    """

    name: str
    active: bool
    note: str


def bind(limits: Limits, lifeline: int) -> tuple[Layer, ...]:
    """Bound what this process may use and how long it may live, before it imports what it does not know.

    Args:
        limits: of the scans to come.
        lifeline: a descriptor that is hung up when the parent ends.
    """
    return _layer("limits", lambda: _limits(limits)), _layer("lifeline", lambda: _lifeline(lifeline))


def confine(scratch: str | None) -> tuple[Layer, ...]:
    """Give up, for the rest of this process's life, all that a scan does not need.

    Args:
        scratch: folder for temporary files.
    """
    return (
        _layer("no-new-privileges", _no_new_privileges),
        _layer("files", lambda: _files(scratch)),
        _layer("system-calls", lambda: _system_calls(scratch)),
    )


def allow_processor_time(limits: Limits) -> None:
    """Renew the processor time at the beginning of a scan."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = int(used.ru_utime + used.ru_stime) + limits.seconds + CPU_GRACE
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (_at_most(seconds, hard), hard))


def _layer(name: str, apply: Callable[[], str]) -> Layer:
    try:
        return Layer(name, True, apply())
    except ImportError:
        return Layer(name, False, "this platform has nothing like it")
    except OSError as error:
        return Layer(name, False, error.strerror or type(error).__name__)


def _limits(limits: Limits) -> str:
    import resource

    memory = ADDRESS_SPACE_FACTOR * limits.worker_memory
    # RLIMIT_NPROC counts all processes of the user, not the worker's own: the filter of system calls does that better.
    for what, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, limits.spooled_bytes + MIB),
    ):
        _, hard = resource.getrlimit(what)
        with contextlib.suppress(ValueError):  # larger than the platform knows
            resource.setrlimit(what, (_at_most(limit, hard),) * 2)
    return f"address space {memory // MIB} MiB, {OPEN_FILES} open files, no core dumps"


def _at_most(limit: int, hard: int) -> int:
    return limit if hard < 0 else min(limit, hard)  # RLIM_INFINITY is negative or larger than all


def _lifeline(descriptor: int) -> str:
    """Have the kernel end this process when the parent is gone, even in the middle of C code.

    PR_SET_PDEATHSIG would do so too early: when the parent's *thread* ends that started the worker.
    """
    import fcntl

    fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    return "ends with its parent"


def _no_new_privileges() -> str:
    _linux()
    from emotriage.confine import seccomp

    seccomp.no_new_privileges()
    return "no set-uid program gives rights back"


def _files(scratch: str | None) -> str:
    _linux()
    from emotriage.confine import landlock

    version = landlock.restrict(_readable(sys.path), scratch)
    tcp = ", no TCP" if version >= 4 else ""
    return f"reads Python's own folders only, writes temporary files only{tcp} (Landlock {version})"


def _readable(search: Iterable[str]) -> set[str]:
    """Where imports may still come from; never the whole file system."""
    folders = {*search, *_LIBRARIES, *(sysconfig.get_path(one) for one in ("stdlib", "platstdlib"))}
    return {one for one in folders if one and os.path.realpath(one) != "/"}


def _system_calls(scratch: str | None) -> str:
    _linux()
    from emotriage.confine import seccomp

    nameless = _has_nameless_files(scratch)
    seccomp.restrict(named_files=not nameless)
    new = "" if nameless else "; new files may be made, for the temporary folder has none without a name"
    return f"no sockets, no programs, no processes, no writing to files by name{new} (seccomp)"


def _has_nameless_files(scratch: str | None) -> bool:
    if scratch is None:  # no folder, no temporary files at all
        return True
    try:
        os.close(os.open(scratch, os.O_TMPFILE | os.O_RDWR | os.O_EXCL, 0o600))
    except OSError:
        return False
    return True


def _linux() -> None:
    if not sys.platform.startswith("linux"):
        raise ImportError
