"""What a macro can do: starting programs, fetching, writing, staying, looking around; each with how sure it runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from emotriage.analyzers.vba import lexicon as table
from emotriage.analyzers.vba.macros import UNREACHED, Macros
from emotriage.catalogue import vba as rules
from emotriage.emulation.programs import ACTIVE_SUFFIXES, SCRIPT_HOSTS, program_of, suffix_of
from emotriage.emulation.vba.vocabulary import words
from emotriage.model.finding import Evidence, Finding, Rule
from emotriage.model.limits import RECORD, TOKEN

_EVIDENCE = 8
_BY_CLICK = (rules.EXECUTE, rules.WMI_PROCESS, rules.DOWNLOAD, rules.ACTIVATES_OBJECT)
_SHELL = re.compile(
    r"(?i)(?:\b(?:vba|interaction)[^\S\n]*\.[^\S\n]*shell(?!\w)|\[shell\]"
    r"|(?<![\w.!])shell[$%&!#@]?(?=[^\S\n]*(?:[(\[\"]|[^\W\d]))(?![^\S\n]+as\b))"
)
_OWN_SHELL = re.compile(r"(?i)\b(?:dim|private|public|sub|function|set|const|static|let|global)[^\S\n]+shell(?!\w)")
_OPEN = re.compile(r"(?i)(?<![\w.!])open\b[^\n]{1,300}?\bfor[^\S\n]+(?:(output|append)|binary|random)\b")
_PLAIN_ARGUMENT = re.compile(r"[^\S\n]*\(?[^\S\n]*(\"\")[^\S\n]*(?=[,)\n:]|$)")
_SHOWS = re.compile(
    r"(?i)(?:[a-z]:\\windows\\(?:system32\\)?)?(?:explorer(?:\.exe)?[ ]+(?:/[en],)?\"?[a-z]:\\[^.\"]*\"?"
    r"|(?:notepad|calc)(?:\.exe)?(?:[ ]+[^|&<>]*\.(?:txt|log|ini|csv|md))?)"
)
_CELLS_ALONE = re.compile(
    r"(?i)\bexecuteexcel4macro[^\S\n]*\(?[^\S\n]*(?:\w+(?:\([^()\n\"]{0,80}\))?\.)?(?:cells|range)\([^()\n]{1,80}\)"
    r"(?:\.(?:value2?|formula|text))?[^\S\n]*\)?[^\S\n]*(?=[\n:]|$)"
)
_DDE = re.compile(r"(?i)\bddeinitiate[^\S\n]*\(?[^\S\n]*(?:app[^\S\n]*:=[^\S\n]*)?(?=\")")
_OPENING = words("attachedtemplate followhyperlink open add insertfile")
_OPENED = re.compile(
    r"(?i)\.(?:(attachedtemplate)[^\S\n]*=|(?:followhyperlink|open|add|insertfile)[^\S\n]*\(?"
    r"(?:[^\S\n]*(?:address|filename|template)[^\S\n]*:=)?)[^\S\n]*(?=\")"
)
_REMOTE_SUFFIXES = ACTIVE_SUFFIXES | {".doc", ".docm", ".dot", ".dotm", ".rtf"}
_REMOTE = re.compile(r"(?i)\s*(?:https?:|ftp:|\\\\[\w.-]+\.\w)")
_MAC_SHELL = "do shell script"
_SHOW_WINDOW = re.compile(r"(?i)\.[^\S\n]*showwindow[%&!#@$]?[^\S\n]*=")
_EXCEL4 = re.compile(r"(?i)\b(?:exec|call|register)\(")
_RUN_KEY = re.compile(
    r"(?i)\\currentversion\\(?:run|runonce|policies\\explorer\\run)\b|\\winlogon\b|\\startup\\|\\xlstart"
)
_SECURITY = re.compile(
    r"(?i)\\(?:accessvbom|vbawarnings|disableinternetfilesinpv|disableattachmentsinpv)\b|^accessvbom$"
)
_LOWERED = re.compile(r"(?i)\.automationsecurity[^\S\n]*=[^\S\n]*(?:msoautomationsecuritylow|1)(?!\w)")
_CODE_WRITERS = words("addfromstring insertlines addfromfile createeventproc organizercopy")
_PROGRAM = re.compile(
    r"(?i)[\w%)}~]\.(?:exe|dll|ocx|scr|pif|com|cpl|msi|bat|cmd|ps1|vbs|vbe|jse?|wsf|hta|sct|inf|lnk|xll|wll|ahk|jar)[\"']?$"
)
_WORD = re.compile(r"[a-z_][\w]{2,}")


@dataclass(slots=True)
class Found:
    """Evidence for one rule, surest first."""

    rule: Rule
    evidence: list[Evidence] = field(default_factory=list)
    confidence: float = 0.0

    def wants(self, confidence: float) -> bool:
        """True when one more place of that confidence would be kept."""
        return confidence > self.confidence or len(self.evidence) < _EVIDENCE

    def add(self, evidence: Evidence, confidence: float) -> None:
        """One more place; those that are surer come first."""
        if confidence > self.confidence:
            self.confidence = confidence
            self.evidence.insert(0, evidence)
        else:
            self.evidence.append(evidence)
        del self.evidence[_EVIDENCE:]


class Behaviour:
    """Collects what the procedures of a project do."""

    def __init__(self, macros: Macros) -> None:
        self.macros = macros
        self.found: dict[str, Found] = {}
        self.buttons: list[Evidence] = []
        self._all = frozenset[str]().union(*(node.words for node in macros.program.nodes))
        self._own_shell = "shell" in self._all and any(
            _OWN_SHELL.search(one.source.code) for one in macros.program.modules
        )

    def look(self) -> Iterator[Finding]:
        """Everything that names give away."""
        self._declares()
        for number, node in enumerate(self.macros.program.nodes):
            self.macros.program.budget.spend(TOKEN)
            self._names(number, node.words)
            self._statements(number, node.words)
        self._objects()
        self._own_libraries()
        for name in sorted(self.found):
            one = self.found[name]
            yield one.rule(*one.evidence, confidence=one.confidence)
        if self.buttons:
            yield rules.BUTTON_RUNS(*self.buttons[:_EVIDENCE])

    def _note(self, rule: Rule, module: int, offset: int, text: str = "", confidence: float | None = None) -> None:
        macros = self.macros
        node = macros.program.node_at(module, offset)
        if confidence is None:
            confidence = macros.confidence(node)
        if (
            rule in _BY_CLICK
            and node in macros.clicked
            and node not in macros.reached
            and len(self.buttons) < _EVIDENCE
        ):
            self.buttons.append(macros.evidence(module, offset, macros.line_at(module, offset)))
        found = self.found.setdefault(rule.id, Found(rule))
        if found.wants(confidence):
            found.add(macros.evidence(module, offset, text or macros.line_at(module, offset)), confidence)

    def _declares(self) -> None:
        program = self.macros.program
        declared = [(index, one) for index, module in enumerate(program.modules) for one in module.source.declares()]
        names = frozenset(one.name.lower() for _, one in declared)
        sure: dict[str, float] = {}
        for number, node in enumerate(program.nodes):
            for name in node.bare & names:
                sure[name] = max(sure.get(name, UNREACHED), self.macros.confidence(number))
        symbols: dict[str, tuple[int, int]] = {}
        called: dict[str, float] = {}
        for index, one in declared:
            program.budget.spend(TOKEN)
            symbol, confidence = one.symbol.lower(), sure.get(one.name.lower(), UNREACHED)
            symbols.setdefault(symbol, (index, one.start))
            called[symbol] = max(confidence, called.get(symbol, UNREACHED))
            for known, rule in (
                (table.EXECUTE_SYMBOLS, rules.EXECUTE),
                (table.DOWNLOAD_NAMES, rules.DOWNLOAD),
            ):
                if symbol in known:
                    self._note(rule, index, one.start, f"Declare {one.symbol} Lib {one.library}", confidence)
        memory = sorted(symbols.keys() & (table.ALLOCATE | {"rtlmovememory", "rtlcopymemory"}))
        inject = sorted(symbols.keys() & table.INJECT)
        callback = sorted(symbols.keys() & table.CALLBACK)
        allocate = symbols.keys() & table.ALLOCATE
        if (inject and memory) or (callback and allocate) or len(inject) > 1:
            for symbol in [*inject, *callback, *memory]:
                self._note(rules.MEMORY_CODE, *symbols[symbol], f"Declare {symbol}", called[symbol])

    def _names(self, number: int, used: frozenset[str]) -> None:
        program = self.macros.program
        node = program.nodes[number]
        for names, rule in (
            (table.EXECUTE_NAMES, rules.EXECUTE),
            (table.DOWNLOAD_NAMES, rules.DOWNLOAD),
            (table.WRITE_NAMES, rules.WRITE),
            (_CODE_WRITERS, rules.CODE_REPLICATION),
            (frozenset({"doverb"}), rules.ACTIVATES_OBJECT),
            (frozenset({"recentfiles", "mouseavailable"}), rules.ENVIRONMENT_CHECK),
        ):
            for name in sorted(used & names):
                if rule is rules.CODE_REPLICATION and "vbcomponents" not in self._all and name != "organizercopy":
                    continue
                self._note(rule, node.module, self._offset(number, name))

    def _statements(self, number: int, used: frozenset[str]) -> None:
        node = self.macros.program.nodes[number]
        start, end = node.procedure.start, node.procedure.end
        code = self.macros.program.modules[node.module].source.code
        if "shell" in used:
            for found in _SHELL.finditer(code, start, end):
                if found[0][:5].lower() == "shell" and self._own_shell:
                    continue
                idle = self._only_shows(node.module, found.end())
                self._note(rules.EXECUTE, node.module, found.start(), confidence=UNREACHED if idle else None)
        if "open" in used:
            opened = next((one for one in _OPEN.finditer(code, start, end) if one[1] or "put" in used), None)
            if opened:
                self._note(rules.WRITE, node.module, opened.start())
        if "automationsecurity" in used and (lowered := _LOWERED.search(code, start, end)):
            self._note(rules.MACRO_SECURITY, node.module, lowered.start())
        if "executeexcel4macro" in used and (cells := _CELLS_ALONE.search(code, start, end)):
            self._note(rules.EXCEL4_CALL, node.module, cells.start())
        if "ddeinitiate" in used:
            for found in _DDE.finditer(code, start, end):
                if program_of(self._literal(node.module, found.end())) in SCRIPT_HOSTS:
                    self._note(rules.EXECUTE, node.module, found.start())
        if used & _OPENING:
            for found in _OPENED.finditer(code, start, end):
                target = self._literal(node.module, found.end())
                if _REMOTE.match(target) and (found[1] or suffix_of(target) in _REMOTE_SUFFIXES):
                    self._note(rules.DOWNLOAD, node.module, found.start())
        if "showwindow" in used and (shown := _SHOW_WINDOW.search(code, start, end)):
            self._note(rules.WMI_PROCESS, node.module, shown.start())

    def _literal(self, module: int, offset: int) -> str:
        return self.macros.program.modules[module].source.literal(offset)

    def _only_shows(self, module: int, offset: int) -> bool:
        """True when the argument that follows opens a folder, or a text in Notepad, and says all of it."""
        source = self.macros.program.modules[module].source
        found = _PLAIN_ARGUMENT.match(source.code, offset)
        return found is not None and _SHOWS.fullmatch(source.literal(found.start(1))) is not None

    def _objects(self) -> None:
        """Classes and tools that constants name."""
        program = self.macros.program
        for index, constant in self.macros.constants():
            program.budget.spend(RECORD + len(constant.value))
            text = constant.value.strip().lower()
            if len(text) < 5 or len(text) > 4096:
                continue
            name = text.removeprefix("new:").strip("{}")
            if name in table.OBJECTS:
                self._object(index, constant.start, name, constant.value)
            if _PROGRAM.search(text):
                self._program_name(index, constant.start, constant.value)
            if "win32_process" in text and self._all & {"create", "execmethod_"}:
                self._note(rules.WMI_PROCESS, index, constant.start, constant.value)
                self._note(rules.EXECUTE, index, constant.start, constant.value)
            if _MAC_SHELL in text and self._all & {"macscript", "applescripttask"}:
                self._note(rules.EXECUTE, index, constant.start, constant.value)
            if text.startswith(("script:http", "scriptlet:http")):
                self._note(rules.EXECUTE, index, constant.start, constant.value)
            if _RUN_KEY.search(text):
                self._note(rules.PERSISTENCE, index, constant.start, constant.value)
            if _SECURITY.search(text):
                self._note(rules.MACRO_SECURITY, index, constant.start, constant.value)
            if "executeexcel4macro" in self._all and _EXCEL4.search(text):
                self._note(rules.EXCEL4_CALL, index, constant.start, constant.value)
            if tools := sorted(table.ANALYSIS & set(_WORD.findall(text))):
                self._note(rules.ENVIRONMENT_CHECK, index, constant.start, ", ".join(tools))

    def _program_name(self, module: int, offset: int, text: str) -> None:
        """The name of a program in a procedure that writes or fetches."""
        number = self.macros.program.node_at(module, offset)
        if number is None:
            return
        node = self.macros.program.nodes[number]
        code = self.macros.program.modules[module].source.code
        writes = node.words & (table.WRITE_NAMES | table.DOWNLOAD_NAMES)
        if writes or ("open" in node.words and _OPEN.search(code, node.procedure.start, node.procedure.end)):
            self._note(rules.DROPS_PROGRAM, module, offset, text)

    def _own_libraries(self) -> None:
        """Libraries that the macro writes itself, and then calls."""
        dropped = self.found.get(rules.DROPS_PROGRAM.id)
        if dropped is None:
            return
        names = {_base(one.text) for one in dropped.evidence}
        for index, module in enumerate(self.macros.program.modules):
            for one in module.source.declares():
                if one.symbol.lower().startswith("loadlibrary") or _base(one.library) in names:
                    text = f"Declare {one.symbol} Lib {one.library}"
                    self._note(rules.EXECUTE, index, one.start, text, dropped.confidence)

    def _object(self, module: int, offset: int, name: str, text: str) -> None:
        if name in table.STARTERS and not self._all & table.STARTERS[name]:
            return
        rule = {
            "execute": rules.EXECUTE,
            "download": rules.DOWNLOAD,
            "write": rules.WRITE,
            "persistence": rules.PERSISTENCE,
        }[table.OBJECTS[name]]
        self._note(rule, module, offset, text)
        if rule is rules.PERSISTENCE:
            self._note(rules.EXECUTE, module, offset, text)

    def _offset(self, number: int, word: str) -> int:
        node = self.macros.program.nodes[number]
        code = self.macros.program.modules[node.module].source.code
        start, end = node.procedure.start, node.procedure.end
        found = re.compile(rf"(?i)(?<!\w){word}(?!\w)").search(code, start, end)
        return found.start() if found else start


def stays(key: str) -> bool:
    """True for a registry key or path from which things are started again."""
    return _RUN_KEY.search(key) is not None


def _base(path: str) -> str:
    """Name of a library without folder and suffix."""
    return path.strip(" \"'").replace("/", "\\").rpartition("\\")[2].lower().removesuffix(".dll")
