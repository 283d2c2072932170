"""Which files a process may still open, and that it may open no TCP port (Linux 5.13 or later, landlock(7))."""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_FILE, _MAKE_REG = 1 << 5, 1 << 8
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_FIRST = (1 << 13) - 1
_REFER = 1 << 13
_TCP = 3  # bind, connect
_SCOPED = 3  # abstract sockets, signals


def restrict(readable: Iterable[str], scratch: str | None) -> int:
    """Let this process open what lies beneath these folders, for the rest of its life.

    Args:
        readable: files and folders to read from; those that do not exist are left out.
        scratch: folder to keep temporary files in.

    Returns:
        The kernel's version of the interface; TCP is closed from 4 on.

    Raises:
        OSError: the kernel refuses, or has no such interface.
    """
    version = _call(_CREATE, None, 0, _ASK_VERSION)
    ruleset = _call(_CREATE, *_buffer(_attributes(version)), 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        if scratch is not None:
            _allow(ruleset, scratch, _READ_FILE | _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _from(version, 3, _TRUNCATE))
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _attributes(version: int) -> bytes:
    files = _FIRST | _from(version, 2, _REFER) | _from(version, 3, _TRUNCATE) | _from(version, 5, _IOCTL_DEVICE)
    fields = [files, *([_TCP] if version >= 4 else []), *([_SCOPED] if version >= 6 else [])]
    return struct.pack(f"{len(fields)}Q", *fields)


def _from(version: int, since: int, right: int) -> int:
    return right if version >= since else 0


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE
        rule, _ = _buffer(struct.pack("=Qi", rights, place))
        _call(_ADD, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)


def _buffer(data: bytes) -> "tuple[ctypes.Array[ctypes.c_char], int]":
    return ctypes.create_string_buffer(data, len(data)), len(data)


def _call(number: int, *arguments: "int | ctypes.Array[ctypes.c_char] | None") -> int:
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    plain = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result: int = syscall(ctypes.c_long(number), *plain)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
