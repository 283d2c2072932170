"""Compiled parts of a VBA project's modules, as far as they can be read; what stands before each module's source."""

from dataclasses import dataclass

from emotriage.formats.vba.identifiers import Identifiers, read_identifiers
from emotriage.formats.vba.pcode import CompiledCode, raw_literals, read_code
from emotriage.model.blob import Blob
from emotriage.model.errors import Unsupported
from emotriage.model.limits import MIB, Budget

_TABLE_BYTES = 16 * MIB
_MOST_BYTES = 32 * MIB
_UNKNOWN = Identifiers(0, 0, ())


@dataclass(frozen=True, slots=True)
class Cache:
    """What is compiled of one module.

    Attributes:
        code: as it was read, None where there is none or it is of an unknown form.
        texts: what looks like literals and comments, where the code, or a line of it, could not be read.
    """

    code: CompiledCode | None
    texts: frozenset[str] = frozenset()


class Caches:
    """Reads the compiled parts of one project; holds what is left of the bytes that they may take."""

    def __init__(self, table: Blob | None, codec: str, budget: Budget) -> None:
        self.cut = False
        self._codec = codec
        self._budget = budget
        self._room = _MOST_BYTES
        self._identifiers = _UNKNOWN
        if table is not None:
            try:
                self._identifiers = read_identifiers(table.read(0, _TABLE_BYTES), codec, budget)
            except Unsupported:
                self._identifiers = _UNKNOWN  # texts of modules are still looked for

    def read(self, stream: Blob, size: int) -> Cache | None:
        """The compiled part that takes the first bytes of a module's stream; None where there is none."""
        wanted = min(size, stream.size)
        data = stream.read(0, min(wanted, self._room))
        self.cut |= len(data) < wanted
        self._room -= len(data)
        self._budget.spend(len(data))
        if not data.strip(b"\0"):
            return None
        code = None
        unknown = False
        try:
            code = read_code(data, self._identifiers, self._codec, self._budget)
        except Unsupported:
            unknown = True
        if unknown or (code is not None and code.unread):
            return Cache(code, raw_literals(data, self._codec, self._budget))
        return Cache(code)
