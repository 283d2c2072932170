"""The story of a script: where it begins, what it runs as code, and what it would fetch, write and start."""

import re
from collections.abc import Iterable, Iterator

from emotriage.emulation.effects import Effect, Run
from emotriage.emulation.script import Layer
from emotriage.formats.script import HEAD, dialect
from emotriage.model.step import Action, Recovered, Step

_TOLD = 200
"""Effects that are told of one script."""
_SHOWN = 400
_SHORTEST = 16
"""Characters of a text from which on it is kept."""
_KEPT = 64
_ACTIONS: dict[str, Action] = {
    "start": "start", "fetch": "fetch", "write": "write", "registry": "change", "page": "show", "object": "create",
}  # fmt: skip
_BLANKS = re.compile(r"\s{2,}")


def story(run: Run, language: str) -> Iterator[Step]:
    """What a script would do, in order; a text that is run as code is told before the first thing it does.

    Args:
        run: what evaluating it brought.
        language: what it is written in.
    """
    if not run.effects:
        return
    yield Step(action="begin", text=f"its first line, as {language}", where="line 1")
    told = {0}
    for one in run.effects[:_TOLD]:
        if one.layer not in told and one.layer < len(run.layers):
            told.add(one.layer)
            layer = run.layers[one.layer]
            yield Step(action="decode", text=_brief(layer.text), by=layer.by, depth=1)
        if one.what.strip():
            yield Step(action=_ACTIONS.get(one.kind, "call"), text=_brief(one.what), where=place(run, one), by=one.by)


def recovered(layers: Iterable[Layer], language: str) -> Iterator[Recovered]:
    """Texts that were under covers, each once.

    Args:
        layers: what came out, with the steps that brought it.
        language: of the script; a text that reads like another language is said to be in that.
    """
    seen: set[str] = set()
    for layer in layers:
        if layer.steps and len(layer.text) >= _SHORTEST and layer.text not in seen and len(seen) < _KEPT:
            seen.add(layer.text)
            spoken = dialect(layer.text[:HEAD].encode("utf-8", "replace")) or language
            yield Recovered(f"layer {len(seen)}: {', '.join(layer.steps)}", spoken, layer.text)


def place(run: Run, effect: Effect) -> str:
    """Where in a script, or in a text that it runs, something is done."""
    layer = run.layers[effect.layer] if effect.layer < len(run.layers) else run.layers[0]
    line = layer.text.count("\n", 0, effect.at) + 1
    return f"line {line}" + (f" of text {effect.layer} ({layer.by})" if effect.layer else "")


def _brief(text: str) -> str:
    return _BLANKS.sub(" ", text[: 4 * _SHOWN]).strip()[:_SHOWN]
