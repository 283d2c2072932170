"""Scripts, HTML applications, and texts that read like scripts: what they do, and how they hide that.

A script attached to a mail or lying in a notebook starts on a click, so nothing here starts by itself. What counts is
concealment and intent together: honest scripts create objects and fetch files too.
"""

import html
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from emotriage.analyzers.script import signs
from emotriage.analyzers.script.answers import runs_answer
from emotriage.analyzers.script.looks import batch_concealment, concealment, line_of
from emotriage.analyzers.script.outcome import judge_run, layers_of
from emotriage.analyzers.script.steps import recovered, story
from emotriage.catalogue import script as rules
from emotriage.emulation.behaviour import behaviour
from emotriage.emulation.cmd.batch import expand
from emotriage.emulation.literals import Payload
from emotriage.emulation.programs import SCRIPT_SUFFIXES, addresses_in, suffix_of
from emotriage.emulation.script import LARGE, Layer, flatten, tiled, unfold
from emotriage.formats.script import HEAD, dialect
from emotriage.formats.script.encoder import Decoded, decode
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence, Finding, Rule
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import MIB, TOKEN, Budget

_LIMIT = 4 * MIB
_TAIL = MIB
_EVIDENCE = 8
_URLS = 64
_PLACES = 500
_STEP = 256 << 10
_RUN_BY_NAME = SCRIPT_SUFFIXES | frozenset({".bat", ".cmd", ".ps1", ".psm1"})
_BY_NAME = {
    ".bat": "batch", ".cmd": "batch", ".js": "javascript", ".jse": "javascript", ".vbs": "vbscript", ".vbe": "vbscript",
    ".ps1": "powershell", ".psm1": "powershell", ".wsf": "hta", ".hta": "hta", ".sct": "hta",
}  # fmt: skip
_PADDING = re.compile(r"[ \t\0]{256,}|\n{256,}")
_TEXT = re.compile(r"[^\s\0]")
_COMMON_HOSTS = ("//www.w3.org/", "//schemas.", "//purl.org/", "//ns.adobe.com/", "//www.apache.org/licenses")

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


@dataclass(frozen=True, slots=True)
class _Script:
    """A script, and all the ways it can be read; the same in lower case."""

    text: str
    language: str
    readings: tuple[Layer, ...]
    lows: tuple[signs.Lower, ...]
    payloads: tuple[Payload, ...]
    fragments: tuple[str, ...]


@analyzer("script", kinds={"script", "hta", "text"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge a script as it stands, and again with its covers off."""
    budget = subject.budget
    text = decode_text(subject.blob, budget, _LIMIT)
    language, certain = _language(subject, text)
    if language is None:
        return
    fallback = _BY_NAME.get(suffix_of(subject.name.rstrip(". ")), "script")
    if (size := content_bytes(subject.blob)) > _LIMIT:
        yield rules.NOT_READ_WHOLE(Evidence(f"{_LIMIT} of {size} bytes"))
    for found in _judge(_in_plain(text, language, fallback, budget), budget):
        if size <= _LIMIT or not isinstance(found, Finding) or found.rule != rules.NOT_EVALUATED_WHOLE.id:
            yield from _weighed(found, certain=certain)
    if size > _LIMIT:
        tail = decode_text(subject.blob.slice(subject.blob.size - _TAIL), budget, _TAIL)
        for found in _judge(_in_plain(tail, language, fallback, budget), budget):
            if isinstance(found, Finding) and found.rule == rules.NOT_EVALUATED_WHOLE.id:
                continue
            yield from _weighed(_from_the_end(found), certain=certain)


def _weighed(found: Found, *, certain: bool) -> Iterator[Found]:
    """What nothing but a script host on purpose would run as a script is a guess, and so are findings in it."""
    if certain or not isinstance(found, Finding):
        yield found
    elif not found.incomplete:
        yield replace(found, confidence=GUESS, traits=frozenset())


def _from_the_end(found: Found) -> Found:
    """The same finding, with places that count from the start of the script's last part."""
    if not isinstance(found, Finding):
        return found
    return replace(found, evidence=tuple(replace(one, where=f"last MiB, {one.where}") for one in found.evidence))


def _language(subject: Subject, text: str) -> tuple[str | None, bool]:
    """(language, whether anything would run it as that): by content, by the name that Windows goes by, by a part."""
    if subject.kind == "hta":
        return "hta", True
    begin = found.start() if (found := _TEXT.search(text)) else 0
    head = text[begin : begin + HEAD].encode("utf-8", "replace")
    language = dialect(head)
    if language is None and _PADDING.search(text):
        language = dialect(_PADDING.sub(" ", text[begin:])[:HEAD].encode("utf-8", "replace"))
    suffix = suffix_of(subject.name.rstrip(". "))
    if subject.kind == "script" or suffix in _RUN_BY_NAME:
        return language or _BY_NAME.get(suffix, "script"), True
    for at in range(0, len(text), _STEP):
        subject.budget.spend(TOKEN)
        if inside := dialect(text[at : at + HEAD].encode("utf-8", "replace")):
            return inside, at == 0
    return None, False


def _in_plain(text: str, language: str, fallback: str, budget: Budget) -> tuple[Decoded, str]:
    """A script with its encoded blocks read back, and its language."""
    decoded = decode(text, budget)
    if language == "encoded":
        language = dialect(decoded.text[:HEAD].encode("utf-8", "replace")) or fallback
    return decoded, language


def _judge(script_: tuple[Decoded, str], budget: Budget) -> Iterator[Found]:
    decoded, language = script_
    text = decoded.text
    covers: tuple[str, ...] = ()
    if decoded.blocks:
        covers = ("script-encoder",)
        yield rules.ENCODED_SCRIPT(
            *(Evidence(one.strip()[:200], where="encoded block") for one in decoded.blocks[:_EVIDENCE])
        )
    if decoded.damaged:
        yield rules.DAMAGED_ENCODING(Evidence(f"{decoded.damaged} blocks", where="encoded blocks"))
    expanded = None
    readings = [Layer(text, covers)]
    if language == "hta" and "&#" in text:
        readings.append(Layer(html.unescape(text), (*covers, "entities")))
    if language in ("batch", "script", "powershell") and ("%" in text or "^" in text or "!" in text):
        expanded = expand(text, budget)
        if expanded.text != text:
            readings.append(Layer(expanded.text, (*covers, "variables")))
    unfolded = [(one.steps, unfold(one.text, budget)) for one in readings]
    layers = [Layer(one.text, steps + one.steps, one.line) for steps, all_ in unfolded for one in all_.layers]
    known = ChainMap(*(all_.flats for _, all_ in unfolded))
    flats = dict.fromkeys(_flat(one.text, known, budget) for one in (readings[0], *layers))
    if (run := behaviour(text, language, budget)) is not None:
        layers += layers_of(run)
    tiles = {word for flat in flats for word in tiled(flat, signs.TILES, budget)}
    lows = tuple(signs.Lower(one.text) for one in (*readings, *layers))
    script = _Script(text, language, (*readings, *layers), lows, unfolded[0][1].payloads, tuple(sorted(tiles)))
    yield from _words(script, budget)
    yield from _hidden(script, budget)
    yield from concealment(text, budget)
    if expanded is not None and language == "batch":
        yield from batch_concealment(text, expanded, budget)
    yield from _files(script)
    if run is not None:
        for found in judge_run(run, lows[0].text, budget):
            yield replace(found, origin="decoded") if covers and isinstance(found, Indicator) else found
        yield from story(run, language)
    yield from recovered(script.readings, language)
    yield from _addresses(script, budget)


def _flat(text: str, known: Mapping[str, str], budget: Budget) -> str:
    """A reading without joints between its literals; one that is large stays as it is, unless that is known."""
    if (flat := known.get(text)) is not None:
        return flat
    budget.spend(20 * len(text))
    return flatten(text)[0] if len(text) <= LARGE else text


def _words(script: _Script, budget: Budget) -> Iterator[Finding]:
    """What the script says in any of its readings."""
    seen: set[str] = set()
    size = sum(len(one.text) for one in script.lows)
    for rule, sign in _WORDS:
        budget.spend(2 * size + TOKEN * len(script.lows))
        evidence: dict[str, Evidence] = {}
        for layer, low in zip(script.readings, script.lows, strict=True):
            for word, at in sign.words(low).items():
                if len(evidence) < _EVIDENCE and word.strip() not in evidence:
                    evidence[word.strip()] = Evidence(word.strip()[:200], where=_place(layer, at))
        if rule is rules.STARTS_PROGRAMS:
            for word in script.fragments:
                if sign.first(signs.Lower(word)) and len(evidence) < _EVIDENCE:
                    evidence.setdefault(word, Evidence(word, where="fragments"))
        if evidence:
            seen.add(rule.id)
            alone = rule is rules.HIDDEN_WINDOW and not seen & _PURPOSES
            yield rule(*evidence.values(), confidence=GUESS if alone else 1.0)
    for layer, low in zip(script.readings, script.lows, strict=True):
        if (decode := signs.DECODES_FILE.first(low)) and (run := signs.RUN_CALL.first(low)):
            places = (Evidence(one[0].strip(), where=_place(layer, one.start())) for one in (decode, run))
            yield rules.DECODES_AND_RUNS(*places)
            break
    for layer, low in zip(script.readings, script.lows, strict=True):
        if script.language != "powershell" and (found := runs_answer(low.text, budget)):
            yield rules.RUNS_ANSWER(Evidence(found[1][:200], where=_place(layer, found[0])))
            break
    for layer, low in zip(script.readings, script.lows, strict=True):
        if parts := _downloads_and_runs(low):
            yield rules.DOWNLOADS_AND_RUNS(
                *(Evidence(one[0].strip(), where=_place(layer, one.start())) for one in parts)
            )
            return


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


def _hidden(script: _Script, budget: Budget) -> Iterator[Found]:
    """Words that only come out when the covers are off."""
    plain = script.lows[0]
    hideable = [word for word in signs.HIDEABLE if plain.find(word) < 0] if len(script.lows) > 1 else []
    evidence: dict[str, Evidence] = {}
    for layer, low in zip(script.readings[1:], script.lows[1:], strict=True):
        budget.spend(len(layer.text))
        told = False
        for word in hideable:
            if word not in evidence and (at := low.find(word)) >= 0:
                evidence[word] = Evidence(word, where=_place(layer, at))
                told = True
        if (
            told
            and {"base64", "hex", "numbers"} & {step.partition("+")[0] for step in layer.steps}
            and len(low.text) < 4096
        ):
            yield Indicator(kind="command", value=layer.text.strip(), origin="decoded", where=_place(layer, 0))
    for word in script.fragments:
        if word not in evidence and plain.find(word) < 0:
            evidence[word] = Evidence(word, where="fragments")
    if evidence:
        yield rules.HIDDEN_WORDS(*list(evidence.values())[:_EVIDENCE])


def _files(script: _Script) -> Iterator[Found]:
    for number, one in enumerate(script.payloads[:16]):
        where = f"{one.name}, {one.encoding}"
        yield rules.EMBEDDED_FILE(Evidence(f"{one.name} of {len(one.data)} bytes", where=where))
        yield Child(f"literal-{number}", one.data)


def _addresses(script: _Script, budget: Budget) -> Iterator[Indicator]:
    seen: set[str] = set()
    for layer in script.readings:
        at = layer.text.find("://")
        for _ in range(_PLACES):
            if at < 0 or len(seen) >= _URLS:
                break
            budget.spend(TOKEN)
            for url in addresses_in(layer.text[max(at - 10, 0) : at + 2100])[:1]:
                if url not in seen and not any(host in url for host in _COMMON_HOSTS):
                    seen.add(url)
                    origin: Origin = "decoded" if layer.steps else "literal"
                    yield Indicator(kind="url", value=url, origin=origin, where=_place(layer, at))
            at = layer.text.find("://", at + 3)


def _place(layer: Layer, at: int) -> str:
    place = f"line {layer.line}" if layer.line else line_of(layer.text, at)
    return f"{place} ({', '.join(layer.steps)})" if layer.steps else place
