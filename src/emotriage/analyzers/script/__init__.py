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
from emotriage.analyzers.script.looks import batch_concealment, concealment
from emotriage.analyzers.script.outcome import judge_run, layers_of
from emotriage.analyzers.script.words import Words, place_in
from emotriage.analyzers.script_steps import recovered, story
from emotriage.catalogue import script as rules
from emotriage.emulation.allowed import part_of
from emotriage.emulation.behaviour import behaviour
from emotriage.emulation.cmd.batch import Expanded, expand
from emotriage.emulation.effects import Run
from emotriage.emulation.literals import Payload
from emotriage.emulation.programs import SCRIPT_SUFFIXES, addresses_in, suffix_of
from emotriage.emulation.script import LARGE, Layer, flatten, tiled, unfold
from emotriage.formats.script import HEAD, dialect
from emotriage.formats.script.encoder import Decoded, decode
from emotriage.formats.text import content_bytes, decode_text
from emotriage.model.analyzer import Child, Found, Subject, analyzer
from emotriage.model.finding import GUESS, Evidence, Finding
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import MIB, TOKEN, Budget
from emotriage.model.stretches import read_stretches, without_stretches

_LIMIT = 8 * MIB
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


@dataclass(frozen=True, slots=True)
class _Script:
    """A script, and all the ways it can be read; the same in lower case; `cut` when there may be more ways."""

    text: str
    language: str
    readings: tuple[Layer, ...]
    lows: tuple[signs.Lower, ...]
    payloads: tuple[Payload, ...]
    fragments: tuple[str, ...]
    cut: bool


@analyzer("script", kinds={"script", "hta", "text"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Judge a script as it stands, and again with its covers off."""
    budget = subject.budget
    blob = subject.blob
    if (size := content_bytes(blob)) > _LIMIT:  # filler must not take the place of what is said
        blob = without_stretches(blob, subject.view(read_stretches))
    text = decode_text(blob, budget, _LIMIT)
    language, certain = _language(subject, text)
    if language is None:
        return
    fallback = _BY_NAME.get(suffix_of(subject.name.rstrip(". ")), "script")
    if size > _LIMIT:
        yield rules.NOT_READ_WHOLE(Evidence(f"{min(content_bytes(blob), _LIMIT)} of {size} bytes"))
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
    words = Words(language)
    plain = signs.Lower(text)
    yield from words.in_readings([(Layer(text, covers), plain)], (), budget)
    yield from concealment(text, budget)
    script, expanded, run = _uncovered(decoded, covers, language, plain, budget)
    if expanded is not None and language == "batch":
        yield from batch_concealment(text, expanded, budget)
    if script.cut:
        yield rules.NOT_EVALUATED_WHOLE(Evidence("what its literals hold", where="whole script"))
    if run is not None:
        for found in judge_run(run, plain.text, budget):
            yield replace(found, origin="decoded") if covers and isinstance(found, Indicator) else found
    yield from words.in_readings(list(zip(script.readings[1:], script.lows[1:], strict=True)), script.fragments, budget)
    yield from words.rest()
    yield from _hidden(script, budget)
    yield from _files(script)
    if run is not None:
        yield from story(run, language)
    yield from recovered(script.readings, language)
    yield from _addresses(script, budget)


def _uncovered(
    decoded: Decoded, covers: tuple[str, ...], language: str, plain: signs.Lower, budget: Budget
) -> tuple[_Script, Expanded | None, Run | None]:
    """A script in all its readings, with its variables filled in, and what running it would do.

    Neither may take from the budget what telling about it costs.
    """
    text = decoded.text
    readings = [Layer(text, covers)]
    layers: list[Layer] = []
    payloads: tuple[Payload, ...] = ()
    expanded, tiles = None, set[str]()
    with part_of(budget, len(text)) as part:
        if language == "hta" and "&#" in text:
            readings.append(Layer(html.unescape(text), (*covers, "entities")))
        if language in ("batch", "script", "powershell") and ("%" in text or "^" in text or "!" in text):
            expanded = expand(text, budget)
            if expanded.text != text:
                readings.append(Layer(expanded.text, (*covers, "variables")))
        unfolded = []
        for one in readings:
            unfolded.append(unfold(one.text, budget))
            payloads = unfolded[0].payloads
            layers += (Layer(found.text, one.steps + found.steps, found.line) for found in unfolded[-1].layers)
        known = ChainMap(*(one.flats for one in unfolded))
        flats = dict.fromkeys(_flat(one.text, known, budget) for one in (readings[0], *layers))
        tiles.update(word for flat in flats for word in tiled(flat, signs.TILES, budget))
    if (run := behaviour(text, language, budget)) is not None:
        layers += layers_of(run)
    readings += layers
    lows = (plain, *(signs.Lower(one.text) for one in readings[1:]))
    script = _Script(text, language, tuple(readings), lows, payloads, tuple(sorted(tiles)), cut=part.spent)
    return script, expanded, run


def _flat(text: str, known: Mapping[str, str], budget: Budget) -> str:
    """A reading without joints between its literals; one that is large stays as it is, unless that is known."""
    if (flat := known.get(text)) is not None:
        return flat
    if len(text) > LARGE:
        return text
    budget.spend(20 * len(text))
    return flatten(text)[0]


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
                evidence[word] = Evidence(word, where=place_in(layer, at))
                told = True
        if (
            told
            and {"base64", "hex", "numbers"} & {step.partition("+")[0] for step in layer.steps}
            and len(low.text) < 4096
        ):
            yield Indicator(kind="command", value=layer.text.strip(), origin="decoded", where=place_in(layer, 0))
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
                    yield Indicator(kind="url", value=url, origin=origin, where=place_in(layer, at))
            at = layer.text.find("://", at + 3)
