"""Excel 4.0 macros, run without any effect: down a column, from place to place, through loops and into functions.

Frames wait on a stack of their own, so macros may call each other as deep as they like. What decides on an answer from
outside (a question about the machine, a result of a call) is noted, so that `emulate` can show it the other answer.
"""

from collections.abc import Mapping

from emotriage.emulation.xlm import commands
from emotriage.emulation.xlm.clock import TODAY
from emotriage.emulation.xlm.code import compile_formula
from emotriage.emulation.xlm.environment import Answers
from emotriage.emulation.xlm.expression import Call, Command, Evaluation, Stop
from emotriage.emulation.xlm.frames import Executed, Frame, Site, Steps
from emotriage.emulation.xlm.keys import Watch
from emotriage.emulation.xlm.loops import Loop, landing
from emotriage.emulation.xlm.memory import Memory, Place
from emotriage.emulation.xlm.meter import Meter, Spent
from emotriage.emulation.xlm.reads import Reads
from emotriage.emulation.xlm.values import Reference, Scalar, Value, text_of
from emotriage.model.limits import TOKEN

_MOST_FRAMES = 256
_MOST_KEPT = 4096
_MOST_GATES = 64
_MOST_UNKNOWN = 5
"""Functions that come to nothing in one formula, after which a date that is tried is given up."""
BLOCK = -1
"""The other branch of a condition that has a block of formulas behind it."""
_TURNS = 20_000
"""Times that the end of a loop is reached, in one run."""


class Machine:
    """One run.

    Attributes:
        memory: what it works on.
        reads: what formulas read of it.
        watch: remembers where the date is asked for; None for a run that is not done for other dates' sake.
        meter: charged for what is done.
        frames: that wait, the innermost last.
        executed: formulas in the order in which they came to their end.
        gates: conditions that depend on an answer, of all machines: place, the other branch, formula.
        forks: machines that take the other branch at one of them.
        asked: parts of the date that were asked for.
        questions: about the surroundings, each with its number.
        answers: to some of them, where other surroundings than the usual ones are tried.
        scheduled: macros that are to run later.
        sense, nonsense: texts that were put together and could be meant, and those that could not.
        keyed: a text was put together from what was asked.
        turns: ends of loops that may still be reached.
        complete: false when steps, frames or room ran out.
        moment: the date and time, as Excel counts.
    """

    def __init__(
        self,
        memory: Memory,
        meter: Meter,
        steps: Steps,
        *,
        moment: float = TODAY,
        gates: set[Site] | None = None,
    ) -> None:
        self.memory = memory
        self.reads = Reads(memory, meter, steps, self.taint)
        self.watch: Watch | None = None
        self.moment = moment
        self.frames: list[Frame] = []
        self.executed: list[Executed] = []
        self.gates: set[Site] = set() if gates is None else gates
        self.forks: list[Machine] = []
        self.asked: set[str] = set()
        self.questions: set[tuple[str, int]] = set()
        self.answers: Answers = {}
        self.scheduled: list[Place] = []
        self.sense, self.nonsense, self.keyed = 0, 0, False
        self.complete = True
        self.commands: Mapping[str, Command] = commands.table(self)
        self.meter = meter
        self._steps = steps
        self.turns = _TURNS
        self._ended = False
        self._shared = 0  # frames, from the outermost on, with which other machines go on as well
        self._patience: int | None = None
        self._unknown = 0

    @property
    def frame(self) -> Frame:
        """The macro that runs."""
        return self.frames[-1]

    def begin(self, entry: Place, formula: str = "") -> None:
        """Get ready to run the macro that begins at a place, or a formula that stands in no cell."""
        self.frames = [Frame(entry, formula=formula)]

    def run(self, patience: int | None = None, most: int | None = None) -> None:
        """Run to the end or to a limit.

        Args:
            patience: pieces of nonsense after which it stops, to go on when it is run again.
            most: formulas after which it stops in the same way.
        """
        last = None if most is None else self._steps.left - most
        self._patience = patience
        while self.frames and not self._ended:
            if (patience is not None and self.nonsense > patience) or (last is not None and self._steps.left <= last):
                return
            if not self._steps.left:
                self.complete = False
                break
            try:
                self._step(self.frames[-1])
            except Spent:
                self.complete = False
                self._ended = True
        for frame in self.frames:
            self._record(frame, None)
        self.frames = []

    def _step(self, frame: Frame) -> None:
        """Run a formula to its end, or to where it has to wait."""
        evaluation = frame.evaluation
        if evaluation is None:
            self._steps.left -= 1
            row = frame.place[1]
            if not frame.formula:
                found = self.memory.next_row(frame.place[0], frame.place[2], row)
                if found is None:
                    self._return(None)
                    return
                frame.place = frame.place[0], found, frame.place[2]
                frame.text = self.memory.formula(frame.place)
            else:
                frame.text = frame.formula
            frame.tainted = False
            self._unknown = 0
            if self.watch is not None:
                self.watch.begin(self)
            around = self.reads.around(frame.place[0], frame.place[1:])
            evaluation = Evaluation(compile_formula(frame.text, lazy=True), around, self.meter, self)
            frame.evaluation = evaluation
        stop = evaluation.run()
        if stop is not None:
            if self.watch is not None:
                self.watch.end(self, stopped=True)
            self._stop(frame, stop)
            return
        value = evaluation.around.scalar(evaluation.value)
        self._record(frame, value)
        if self.watch is not None:
            self.watch.end(self, stopped=False)
        if frame.formula:
            self._return(value)
            return
        self._settle(frame, value)
        self._go(frame, frame.place[1] + 1)

    def _settle(self, frame: Frame, value: Scalar) -> None:
        """Keep what a formula has come to in its cell."""
        self.memory.set(frame.place, value)
        if frame.tainted:
            self.memory.tainted.add(frame.place)
        else:
            self.memory.tainted.discard(frame.place)

    def repeat(self, question: Frame, number: int) -> bool:
        """Evaluate once more a formula that has run, in its place among the others; false where it goes elsewhere."""
        frame = Frame(question.place, text=question.text)
        sense, nonsense = self.sense, self.nonsense
        around = self.reads.around(frame.place[0], frame.place[1:])
        self.frames.append(frame)
        try:
            evaluation = Evaluation(compile_formula(frame.text, lazy=True), around, self.meter, self)
            stopped = evaluation.run() is not None
            value = around.scalar(evaluation.value)
        except Spent:
            return False
        finally:
            self.frames.pop()
        self.sense, self.nonsense = sense, nonsense
        if stopped or not 0 <= number < len(self.executed):
            return False
        self._settle(frame, value)
        self.executed[number] = self.executed[number]._replace(calls=tuple(evaluation.calls), value=value)
        return True

    def _go(self, frame: Frame, row: int) -> None:
        frame.place = frame.place[0], row, frame.place[2]
        frame.evaluation = None

    def _record(self, frame: Frame, value: Scalar) -> None:
        evaluation = frame.evaluation
        if evaluation is None:
            return
        self._steps.room -= sum(len(text) for call in evaluation.calls for text in call.texts) + len(frame.text)
        if len(self.executed) >= _MOST_KEPT or self._steps.room < 0:
            self.complete = False
            return
        written = bool(frame.formula) or self.memory.is_written(frame.place)
        self.executed.append(Executed(frame.text, frame.place, tuple(evaluation.calls), value, written))

    def _return(self, value: Value) -> None:
        """Leave the innermost macro; whoever called it goes on."""
        left = self.frames.pop()
        self._own()
        if self.frames and self.frames[-1].evaluation is not None:
            self.frames[-1].evaluation.push(value)
            self.frames[-1].tainted |= left.tainted

    def _stop(self, frame: Frame, stop: Stop) -> None:
        """Do what a call asks for that a value alone is no answer to."""
        evaluation = frame.evaluation
        if stop.reason == "run" and isinstance(stop.value, Reference):
            if len(self.frames) >= _MOST_FRAMES:
                self.complete = False
                if evaluation is not None:
                    evaluation.push(None)
                return
            place = stop.value.sheet, stop.value.top, stop.value.left
            self.frames.append(Frame(place, arguments=stop.arguments))
            return
        if stop.reason == "evaluate" and len(self.frames) < _MOST_FRAMES:
            self.frames.append(Frame(frame.place, formula="=" + text_of(stop.value).removeprefix("=")))  # type: ignore[arg-type]  # a command only gives texts
            return
        self._record(frame, None)
        if stop.reason == "goto" and isinstance(stop.value, Reference):
            while self.frames[-1].formula and len(self.frames) > 1:
                self.frames.pop()
            self._own()
            frame = self.frames[-1]
            frame.place = stop.value.sheet, stop.value.top, stop.value.left
            frame.evaluation = None
        elif stop.reason == "return":
            self._return(stop.value)
        elif stop.reason in ("halt", "give up"):
            self._ended = True
        elif stop.reason == "next":
            self._next(frame)
        elif stop.reason == "skip":
            self._skip(frame, str(stop.value))
        elif evaluation is not None:  # too many frames
            evaluation.push(None)

    def begin_loop(self, loop: Loop) -> None:
        """Open a loop at the formula that runs, unless it is the open one's own."""
        frame = self.frame
        if not frame.loops or frame.loops[-1].row != loop.row:
            frame.loops.append(loop)
            if len(frame.loops) > _MOST_FRAMES:
                self.complete = False
                del frame.loops[0]

    def _next(self, frame: Frame) -> None:
        """The end of a loop: back to its beginning, or on."""
        self.turns -= 1
        if self.turns < 0:
            self.complete = False
            self._ended = True
            return
        loop = frame.loops[-1] if frame.loops else None
        row = frame.place[1] + 1
        if loop is not None and not loop.name:
            row = loop.row
        elif loop is not None and self.count(loop):
            row = loop.row + 1
        elif loop is not None:
            frame.loops.pop()
        self._go(frame, row)

    def count(self, loop: Loop) -> bool:
        """Have a counted loop go on; false at its end."""
        value = loop.count()
        if value is None:
            return False
        self.memory.set_name(loop.name, value)
        return True

    def _skip(self, frame: Frame, to: str) -> None:
        """Go on behind the end of a loop or a block, or at the other branch of a block (``else``)."""
        if to == "next" and frame.loops and frame.loops[-1].row == frame.place[1]:
            frame.loops.pop()
        found = landing(self.memory, frame.place, to)
        self.meter.spend(found.seen * TOKEN)
        self._go(frame, found.row if found.row >= 0 else frame.place[1] + 1)
        frame.skipped = found.asks

    def unknown(self, result: Value) -> bool:
        """Count a function that has come to nothing, or nothing printable; true when patience is at its end."""
        if self._patience is None or (isinstance(result, str) and result.strip("\t\r\n").isprintable()):
            return False
        self._unknown += 1
        if self._unknown <= _MOST_UNKNOWN:
            return False
        self.nonsense += _MOST_UNKNOWN
        return True

    def decide(self, target: int, known: bool | None) -> bool:
        """Which branch is taken at a condition; where that depends on an answer, another machine takes the other."""
        frame = self.frame
        if known is not None and not frame.tainted:
            return known
        taken = True if known is None else known
        evaluation = frame.evaluation
        site = frame.place, target, frame.text
        if evaluation is not None and site not in self.gates and len(self.gates) < _MOST_GATES:
            self.gates.add(site)
            other = self._fork()
            if other is None:
                self.complete = False
                return taken
            if target == BLOCK:
                other.go_on(None if taken else True)
            elif taken and other.frame.evaluation is not None:
                other.frame.evaluation.at = target
            self.forks.append(other)
        return taken

    def go_on(self, truth: bool | None) -> None:
        """Behind the condition of a block: into it, or past it."""
        frame = self.frame
        if truth is None:
            self._stop(frame, Stop("skip", "else"))
        elif frame.evaluation is not None:
            frame.evaluation.push(truth)

    def _fork(self) -> "Machine | None":
        """A machine that goes on from here, on a memory of its own; None where there is no room for it."""
        if not self.meter.copy(self.memory.changed + len(self.frames)):
            return None
        other = Machine(self.memory.copy(), self.meter, self._steps, moment=self.moment, gates=self.gates)
        other.questions, other.answers = self.questions, self.answers
        other.frames = list(self.frames)
        other._shared = len(self.frames)
        other._own()
        self._shared = max(self._shared, len(self.frames) - 1)
        return other

    def _own(self) -> None:
        """Have the innermost frame be this machine's alone; those that wait are shared until it gets back to them."""
        if not 0 < len(self.frames) <= self._shared:
            return
        self._shared = len(self.frames) - 1
        frame = self.frames[-1]
        made = self.frames[-1] = frame.copy()
        if frame.evaluation is not None:
            around = self.reads.around(frame.place[0], frame.place[1:])
            made.evaluation = frame.evaluation.copy(around, self)

    def again(self, moment: float) -> "Machine | None":
        """This machine once more, with all that it has seen, at another moment."""
        other = self._fork()
        if other is not None:
            other.moment, other.gates = moment, set(self.gates)
            other.executed, other.forks, other.scheduled = list(self.executed), list(self.forks), list(self.scheduled)
            other.asked = set(self.asked)
            other.sense, other.nonsense, other.complete = self.sense, self.nonsense, self.complete
            other.turns = self.turns
        return other

    def adopt(self) -> None:
        """Have the machines that were left behind before the date was asked for go on with this one."""
        for one in self.forks:
            one.gates, one.moment = self.gates, self.moment

    def taint(self) -> None:
        """Note that what runs depends on something that was asked."""
        if self.frames:
            self.frames[-1].tainted = True
            if self.watch is not None:
                self.watch.need(self)

    def other(self, name: str, arguments: list[Value]) -> Value | Stop:
        """A call of something that has no meaning of its own: a macro, a registered function, a command."""
        folded = name.casefold()
        if folded in self.memory.registered:
            return self.call_registered(folded, arguments)
        target = self.target(name)
        if target is not None:
            return Stop("run", target, tuple(arguments))
        if name in commands.SILENT:
            return True
        self.frame.tainted = True
        return None

    def call_registered(self, folded: str, arguments: list[Value]) -> Value:
        """A call of a library's function under the name it was given."""
        library, function, types = self.memory.registered[folded]
        evaluation = self.frame.evaluation
        if evaluation is not None:
            values = (library, function, types, *arguments)
            texts = tuple([text_of(self.reads.scalar(one)) for one in values])
            evaluation.calls.append(Call("CALL", values, texts))
        self.frame.tainted = True
        return 0.0

    def target(self, value: Value) -> Reference | None:
        """The cell that a reference, a text or a name means."""
        return self.reads.target(value, self.frame.place)
