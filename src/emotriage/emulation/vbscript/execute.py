"""VBScript that runs text as code: ``Execute``, ``ExecuteGlobal`` and ``Eval``, in the frame that calls them.

VBScript Language Reference: ``Execute`` sees the variables of its procedure, ``ExecuteGlobal`` those of the script, and
procedures that either declares are the script's from then on.
"""

from collections.abc import Iterable

from emotriage.emulation.effects import Ran
from emotriage.emulation.vba.builder import Code
from emotriage.emulation.vba.compiler import compile_procedure
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.host import Host
from emotriage.emulation.vba.lexer import tokens
from emotriage.emulation.vba.machine import Machine
from emotriage.emulation.vba.program import ModuleCode, Program
from emotriage.emulation.vba.source import read_source
from emotriage.emulation.vba.values import UNKNOWN, Named, Value, size_of, text_of
from emotriage.emulation.vbscript.parts import RUN_TEXT, divided
from emotriage.model.limits import Budget

_VALUE = "emotriage_value"
_DEPTH = 48
_KNOWN = 4096
"""Different texts that are run."""
_DECLARING = 32
"""Texts whose procedures are taken in."""
_TOLD = 64
_SHORTEST = 16
_LONGEST = 1 << 20


class ScriptMachine(Machine):
    """A script that is being run.

    Attributes:
        layers: texts that it has run as code, each once.
    """

    def __init__(self, modules: Iterable[ModuleCode], host: Host, main: str, budget: Budget) -> None:
        self._modules = list(modules)
        super().__init__(Program(self._modules, budget), host, budget)
        self.layers: list[Ran] = []
        self._main = main
        self._texts: dict[tuple[str, str], Code] = {}
        self._answers: list[Frame] = []

    def library(
        self, name: str, args: "list[Value | Named]", place: tuple[int, int], names: tuple[str, ...], frame: Frame
    ) -> Value:
        """A function that is not the script's; text that is run as code gets a frame of its own."""
        if name not in RUN_TEXT or not args:
            return super().library(name, args, place, names, frame)
        first = args[0]
        text = text_of(first.value if isinstance(first, Named) else first)
        self.meter.steps += size_of(text)
        if not isinstance(text, str) or len(self._frames) >= _DEPTH or len(text) > _LONGEST:
            return UNKNOWN
        if (code := self._code(name, text)) is None:
            return UNKNOWN
        everywhere = name == "executeglobal" or frame.code.name == self._main
        variables = frame.own if everywhere else frame.variables
        inner = Frame(code, frame.module, variables, frame.own, frame.me, keep=name == "eval", meter=self.meter)
        if name == "eval":
            self._answers.append(inner)
        self._frames.append(inner)
        return UNKNOWN

    def _leave(self) -> None:
        """Return; what ``Eval`` came to takes the place of the value that was left for it."""
        frame = self._frames[-1]
        if self._answers and self._answers[-1] is frame:
            self._answers.pop()
            if len(self._frames) > 1:
                self._frames[-2].pop()
        super()._leave()

    def _code(self, name: str, text: str) -> Code | None:
        """A text as code, compiled once; None when there have been too many."""
        kind = "eval" if name == "eval" else ""
        if (known := self._texts.get((kind, text))) is not None:
            return known
        if len(self._texts) >= _KNOWN:
            self.cut = True
            return None
        if len(text) >= _SHORTEST and len(self.layers) < _TOLD:
            self.layers.append(Ran(text, name))
        body = f"{_VALUE} = {text}"
        if not kind:
            procedures, body, _ = divided(text.replace("\r\n", "\n").replace("\r", "\n"), self.budget)
            if procedures.strip():
                self._declare(procedures)
        source = read_source(body + "\n", self.budget)
        code = compile_procedure(tokens(source, 0, len(source.code), self.budget))
        code.name = _VALUE if kind else ""
        self._texts[kind, text] = code
        return code

    def _declare(self, procedures: str) -> None:
        if len(self._modules) > _DECLARING:
            self.cut = True
            return
        source = read_source(procedures + "\n", self.budget)
        self._modules.append(ModuleCode(f"Executed{len(self._modules)}", "standard", source))
        self.relink(Program(self._modules, self.budget))
