"""The caller's own small files: settings in TOML, and lists."""

import os
from pathlib import Path

from emotriage.model.errors import UsageError

_LONGEST = 1 << 20


def read_small(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file of the caller's own.

    Raises:
        UsageError: it can't be read, or is larger than 1 MiB.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(f"cannot read {os.fspath(path)!r}: {reason}") from error
    if len(raw) > _LONGEST:
        raise UsageError(f"{os.fspath(path)}: larger than 1 MiB")
    return raw


def read_settings(path: str | os.PathLike[str]) -> dict[str, object]:
    """The keys of a TOML file; what they mean is for the caller to check.

    Raises:
        UsageError: it can't be read, is larger than 1 MiB, or is no TOML.
    """
    import tomllib

    raw = read_small(path)
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and TOMLDecodeError are ValueErrors
        reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"{os.fspath(path)}: not TOML: {reason}") from error
