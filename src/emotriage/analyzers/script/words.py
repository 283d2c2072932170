"""What a script says in any of its readings: words by which it starts, fetches, writes and hides, each told once."""

import re
from collections.abc import Iterator, Sequence

from emotriage.analyzers.script import signs
from emotriage.analyzers.script.answers import runs_answer
from emotriage.analyzers.script.looks import line_of
from emotriage.catalogue import script as rules
from emotriage.emulation.script import Layer
from emotriage.model.finding import GUESS, Evidence, Finding, Rule
from emotriage.model.limits import TOKEN, Budget

Reading = tuple[Layer, signs.Lower]
_EVIDENCE = 8

_WORDS: tuple[tuple[Rule, signs.Sign], ...] = (
    (rules.STARTS_PROGRAMS, signs.EXECUTE),
    (rules.FETCHES, signs.FETCH),
    (rules.WRITES_FILES, signs.WRITE),
    (rules.RUNS_TEXT, signs.RUN_TEXT),
    (rules.TOOL_ABUSE, signs.TOOL_ABUSE),
    (rules.TURNS_OFF_DEFENCES, signs.DEFENCES),
    (rules.ENCODED_COMMAND, signs.ENCODED),
    (rules.HIDDEN_WINDOW, signs.HIDDEN_WINDOW),
)

_PURPOSES = {rules.FETCHES.id, rules.TOOL_ABUSE.id, rules.ENCODED_COMMAND.id, rules.TURNS_OFF_DEFENCES.id}
"""What makes a hidden window more than tidiness; these come before it in the table."""


class Words:
    """The words of a script, reading by reading: what was found in one is not told again of the next."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._told: dict[str, set[str]] = {}
        self._windows: list[Evidence] = []

    def in_readings(self, readings: Sequence[Reading], fragments: Sequence[str], budget: Budget) -> Iterator[Finding]:
        """Findings of more readings.

        Args:
            readings: each with itself in lower case.
            fragments: words that pieces of the script make up.
            budget: charged for every pass over them.
        """
        size = sum(len(layer.text) for layer, _ in readings)
        for rule, sign in _WORDS:
            budget.spend(2 * size + TOKEN * len(readings))
            evidence = self._evidence(rule, sign, readings)
            if rule is rules.STARTS_PROGRAMS:
                starts = (Evidence(word, where="fragments") for word in fragments if sign.first(signs.Lower(word)))
                evidence += self._new(rule, starts)
            if rule is rules.HIDDEN_WINDOW:
                self._windows += evidence
            elif evidence:
                yield rule(*evidence)
        yield from self._together(readings, budget)

    def rest(self) -> Iterator[Finding]:
        """What only all readings together decide."""
        if self._windows:
            alone = not any(self._told.get(one) for one in _PURPOSES)
            yield rules.HIDDEN_WINDOW(*self._windows, confidence=GUESS if alone else 1.0)

    def _evidence(self, rule: Rule, sign: signs.Sign, readings: Sequence[Reading]) -> list[Evidence]:
        found: list[Evidence] = []
        for layer, low in readings:
            places = sign.words(low).items()
            found += self._new(rule, (Evidence(word.strip()[:200], where=place_in(layer, at)) for word, at in places))
        return found

    def _new(self, rule: Rule, evidence: Iterator[Evidence]) -> list[Evidence]:
        """Those that were not told yet, as long as there are few."""
        told = self._told.setdefault(rule.id, set())
        new: list[Evidence] = []
        for one in evidence:
            if len(told) >= _EVIDENCE:
                break
            if one.text not in told:
                told.add(one.text)
                new.append(one)
        return new

    def _together(self, readings: Sequence[Reading], budget: Budget) -> Iterator[Finding]:
        """What several words in one reading mean; each rule is told of the first."""
        for layer, low in readings:
            if (decode := signs.DECODES_FILE.first(low)) and (run := signs.RUN_CALL.first(low)):
                yield from self._once(rules.DECODES_AND_RUNS, layer, (decode, run))
            if self._told.get(rules.RUNS_ANSWER.id) or self._language == "powershell":
                pass
            elif found := runs_answer(low.text, budget):
                self._told[rules.RUNS_ANSWER.id] = {found[1]}
                yield rules.RUNS_ANSWER(Evidence(found[1][:200], where=place_in(layer, found[0])))
            if parts := _downloads_and_runs(low):
                yield from self._once(rules.DOWNLOADS_AND_RUNS, layer, parts)

    def _once(self, rule: Rule, layer: Layer, parts: Sequence["re.Match[str]"]) -> Iterator[Finding]:
        if not self._told.get(rule.id):
            self._told[rule.id] = {parts[0][0]}
            yield rule(*(Evidence(one[0].strip(), where=place_in(layer, one.start())) for one in parts))


def _downloads_and_runs(low: signs.Lower) -> tuple["re.Match[str]", ...]:
    """The places where a reading fetches, keeps and runs what it fetched; nothing when one of them is missing."""
    if (fetch := signs.FETCH.first(low)) is None:
        return ()
    if (save := signs.SAVE_CALL.first(low)) and (run := signs.RUN_CALL.first(low)):
        return fetch, save, run
    hosted = low.find("createobject") >= 0 or low.find("wscript") >= 0
    if hosted and low.find("responsetext") >= 0 and (run := signs.RUNS_ANSWER.first(low)):
        return fetch, run
    return ()


def place_in(layer: Layer, at: int) -> str:
    """The place of a character of a reading, as readers of the script know it."""
    place = f"line {layer.line}" if layer.line else line_of(layer.text, at)
    return f"{place} ({', '.join(layer.steps)})" if layer.steps else place
