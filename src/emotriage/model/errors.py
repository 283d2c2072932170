"""Every exception of the package, in one tree.

::

    Exception
    └── EmotriageError
        ├── UsageError              the caller's own mistake: wrong type, no such file (also a ValueError)
        ├── InputError              the input could not be read: vanished, an I/O error (also an OSError)
        └── FormatError             raised by parsers, turned into findings by the walk's guard
            ├── Malformed           the structure contradicts its specification
            ├── Encrypted           readable only with a password or key we do not have
            └── Unsupported         a form that is recognised, but not read
    BaseException
    └── BudgetSpent                 a limit is reached; no ``except Exception`` in a parser can swallow it
"""


class EmotriageError(Exception):
    """Base of everything the package raises on purpose."""


class UsageError(EmotriageError, ValueError):
    """The caller's own mistake; the message is one clear line."""


class InputError(EmotriageError, OSError):
    """The input could not be read."""


class FormatError(EmotriageError):
    """A parser could not read what it was given; its message names structures, never the input's text."""


class Malformed(FormatError):
    """The structure contradicts its specification."""


class Encrypted(FormatError):
    """Readable only with a password or key that we do not have."""


class Unsupported(FormatError):
    """A form that is recognised, but not read."""


class BudgetSpent(BaseException):
    """A limit is reached.

    Attributes:
        resource: which one: ``work``, ``expanded``, ``spooled``, ``children``, ``seconds`` ...
        total: true when the whole scan's share is gone, false when only this artifact's is.
    """

    def __init__(self, resource: str, *, total: bool) -> None:
        super().__init__(resource, total)
        self.resource = resource
        self.total = total

    def __str__(self) -> str:
        """Name the limit as people read it."""
        return f"{self.resource} limit of {'the scan' if self.total else 'this artifact'}"
