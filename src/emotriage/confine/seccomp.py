"""A seccomp filter written by hand: the calls a scan needs, and nothing else (Linux, seccomp(2), classic BPF).

What is not in the list fails with EPERM, so that whoever tries it gets an ordinary exception and the scan goes on.
"""

import ctypes
import os
import struct
from collections.abc import Iterator

from emotriage.confine.syscalls import ARCHITECTURES, ASKED, NAMED_FILES_ONLY, NUMBERS, PLAIN

_LOAD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH, _ARGUMENTS = 0, 4, 16
_EPERM, _ENOSYS = 1, 38
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_ALL = 0xFFFFFFFF
_CLONE_THREAD = 0x10000
_PROT_WRITE, _PROT_EXEC = 2, 4
_RLIMIT_CPU = 0
_FCNTL = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC
_IOCTL = (0x5401, 0x5450, 0x5451)  # TCGETS, FIONCLEX, FIOCLEX

Check = tuple[tuple[int, int, int], ...]
"""(argument, mask, value) ...: allowed if the low 32 bits of these arguments, masked, are these values."""


def no_new_privileges() -> None:
    """Give up what a set-uid program could win back; a filter needs that.

    Raises:
        OSError: the kernel refuses.
    """
    _prctl(_PR_SET_NO_NEW_PRIVS, 1, 0)


def restrict(*, named_files: bool) -> None:
    """Let this process make the calls of the list only, for the rest of its life.

    Args:
        named_files: files may be created (never opened for writing when they exist) and deleted.

    Raises:
        OSError: the kernel refuses, or this architecture has no table.
    """
    machine = os.uname().machine
    if machine not in ARCHITECTURES or ctypes.sizeof(ctypes.c_void_p) != 8:
        raise OSError(_ENOSYS, f"no table of system calls for {machine}")
    code = program(machine, os.getpid(), named_files=named_files)
    held = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(held))
    program_of = ctypes.create_string_buffer(header, len(header))
    _prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program_of))


def program(machine: str, pid: int, *, named_files: bool) -> bytes:
    """The filter for a process of that number, as an array of `struct sock_filter`."""
    architecture, column = ARCHITECTURES[machine]
    code = [
        _one(_LOAD, _ARCH),
        _one(_JUMP_IF_EQUAL, architecture, yes=1),
        _one(_RETURN, _KILL),
        _one(_LOAD, _NR),
    ]
    for name in (*PLAIN, *(sorted(NAMED_FILES_ONLY) if named_files else ())):
        if (number := NUMBERS[name][column]) is not None:
            code += [_one(_JUMP_IF_EQUAL, number, no=1), _one(_RETURN, _ALLOW)]
    for name in sorted(ASKED):
        if (number := NUMBERS[name][column]) is not None:
            body = list(_body(name, pid, named_files=named_files))
            code += [_one(_JUMP_IF_EQUAL, number, no=len(body)), *body]
    code.append(_one(_RETURN, _FAIL | _EPERM))
    return b"".join(code)


def _body(name: str, pid: int, *, named_files: bool) -> Iterator[bytes]:
    for check in _checks(name, pid, named_files=named_files):
        left = 3 * len(check)
        for argument, mask, value in check:
            left -= 3
            yield _one(_LOAD, _ARGUMENTS + 8 * argument)
            yield _one(_AND, mask)
            yield _one(_JUMP_IF_EQUAL, value, no=left + 1)
        yield _one(_RETURN, _ALLOW)
    # The C library falls back to clone, whose flags can be seen from here.
    yield _one(_RETURN, _FAIL | (_ENOSYS if name == "clone3" else _EPERM))


def _checks(name: str, pid: int, *, named_files: bool) -> list[Check]:
    """What allows a call; any of these is enough."""
    if name in {"open", "openat"}:
        return _opening(1 if name == "open" else 2, named_files=named_files)
    never_both: list[Check] = [((2, _PROT_WRITE, 0),), ((2, _PROT_EXEC, 0),)]
    checks: dict[str, list[Check]] = {
        "clone": [((0, _CLONE_THREAD, _CLONE_THREAD),)],
        "clone3": [],
        "fcntl": [((1, _ALL, one),) for one in _FCNTL],
        "ioctl": [((1, _ALL, one),) for one in _IOCTL],
        "kill": [((0, _ALL, pid),)],
        "tgkill": [((0, _ALL, pid),)],
        "prlimit64": [((0, _ALL, 0), (1, _ALL, _RLIMIT_CPU))],
        "mmap": never_both,
        "mprotect": never_both,
    }
    return checks[name]


def _opening(flags: int, *, named_files: bool) -> list[Check]:
    writes = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    # A file without a name ends with the process: nothing here can give it one.
    checks: list[Check] = [((flags, writes, 0),), ((flags, os.O_TMPFILE, os.O_TMPFILE),)]
    new = os.O_CREAT | os.O_EXCL
    return [*checks, ((flags, new, new),)] if named_files else checks


def _one(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, no, value)


def _prctl(option: int, first: int, second: int) -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(option, first, second, 0, 0):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
