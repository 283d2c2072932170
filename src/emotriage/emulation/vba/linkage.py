"""Names of a project that is run: its procedures, modules, classes and variables, and what each name means where."""

import re

from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.host import Host
from emotriage.emulation.vba.program import Program
from emotriage.emulation.vba.values import Thing, Value

_ACCESSOR = re.compile(r"[\n:\s\w]*?property\s+(get|let|set)\b")
_HEAD = 200
_TYPE = re.compile(r"\n[^\S\n]*(?:(?:public|private)[^\S\n]+)?type[^\S\n]+(\w+)[^\S\n]*(?=\n)")


class Linkage:
    """What the names of a project mean.

    Attributes:
        declares: symbols of dynamic libraries by the lower-case name that the code calls them.
        later: procedures that are to be run when all else is done.
        loaded: forms that were shown or used.
        files: paths of the open files by number.
        begun: those that something was printed to.
    """

    def __init__(self, program: Program, host: Host) -> None:
        self._program = program
        self._host = host
        self._globals: list[dict[str, Value]] = [{} for _ in program.modules]
        self._modules = {one.name.lower(): index for index, one in enumerate(program.modules)}
        self._shared = [
            one for index, one in enumerate(self._globals) if program.modules[index].kind in ("standard", "unknown")
        ]
        self._homes: dict[int, Thing] = {}
        self._accessors: dict[int, str] = {}
        self.declares = {one.name.lower(): one.symbol for module in program.modules for one in module.source.declares()}
        self._records = {one for module in program.modules for one in _TYPE.findall("\n" + module.source.low)}
        self.files: dict[str, Value] = {}
        self.begun: dict[str, Value] = {}
        self.later: list[str] = []
        self.loaded: set[str] = set()

    def extend(self, program: Program) -> None:
        """Take in the standard modules that a program has more than before."""
        for index in range(len(self._globals), len(program.modules)):
            self._globals.append({})
            self._shared.append(self._globals[index])
            self._modules[program.modules[index].name.lower()] = index
        self._program = program

    def variables(self, module: int) -> dict[str, Value]:
        """Variables of a module."""
        return self._globals[module]

    def module(self, name: str) -> int | None:
        """Index of a module."""
        return self._modules.get(name)

    def is_record(self, name: str) -> bool:
        """True for a type that the project declares."""
        return name in self._records

    def kind(self, module: int) -> str:
        """Kind of a module."""
        return self._program.modules[module].kind

    def home(self, module: int) -> Thing:
        """What the code of a module calls ``Me``."""
        if module not in self._homes:
            one = self._program.modules[module]
            self._homes[module] = self._host.home(one.name.lower(), one.kind)
        return self._homes[module]

    def procedure(self, name: str, frame: Frame | None, module: int | None = None, accessor: str = "get") -> int | None:
        """A procedure by its bare name: of one module, of that of the frame, or of any.

        Args:
            name: in lower case.
            frame: from where it is called.
            module: of the object before the dot.
            accessor: which of the procedures of a property.
        """
        named = self._program.procedures(name)
        numbers = [one for one in named if self._accessor(one) in ("", accessor)] if named else None
        if not numbers:
            return None
        wanted = module if module is not None else frame.module if frame is not None else -1
        own = [one for one in numbers if self._program.nodes[one].module == wanted]
        return own[0] if own else numbers[0] if module is None else None

    def _accessor(self, number: int) -> str:
        """``get``, ``let`` or ``set`` for a procedure of a property."""
        if number not in self._accessors:
            node = self._program.nodes[number]
            found = None
            if node.procedure.kind == "property":
                low = self._program.modules[node.module].source.low
                found = _ACCESSOR.match(low, node.procedure.start, node.procedure.start + _HEAD)
            self._accessors[number] = found[1].replace("set", "let") if found else ""
        return self._accessors[number]

    def where(self, name: str, frame: Frame) -> dict[str, Value] | None:
        """The variables among which a name is."""
        if name in frame.variables:
            return frame.variables
        if name in frame.own:
            return frame.own
        for one in self._shared:
            if name in one:
                return one
        return None
