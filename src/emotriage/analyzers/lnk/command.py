"""The command line of a shortcut: what it says, folded and unfolded, and what of it nobody was to see."""

import re
from collections.abc import Iterator

from emotriage.analyzers.lnk import steps as lnk_steps
from emotriage.analyzers.lnk.launch import judge_fetching, judge_launch
from emotriage.analyzers.lnk.run import carried_out, reading, tell
from emotriage.analyzers.lnk.slice import slices
from emotriage.catalogue import lnk as rules
from emotriage.emulation import launch, programs, script
from emotriage.emulation.cmdline import Unfolded, unfold
from emotriage.emulation.stock import INTERPRETERS
from emotriage.formats.lnk import Shortcut
from emotriage.model.analyzer import Child, Found
from emotriage.model.blob import Blob
from emotriage.model.finding import GUESS, Evidence
from emotriage.model.indicator import Indicator, Origin
from emotriage.model.limits import Budget
from emotriage.model.step import Recovered, Step

_MINIMISED = 7
_VISIBLE = 260  # characters of a command line that Explorer shows
_SHOWN = 200
_LENGTHS = ((4096, rules.HUGE_ARGUMENTS), (1024, rules.VERY_LONG_ARGUMENTS), (260, rules.LONG_ARGUMENTS))
_BLANKS = re.compile(
    r"[\s\x00\xad\u034f\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2800\u3164\ufeff]{16,}"
)
_HIDDEN = re.compile(
    r"(?i)(?<!\w)[-/\u2013-\u2015]w(?:i(?:n(?:d(?:ow?)?)?)?)?(?:s(?:t(?:y(?:le?)?)?)?)?[\s:]+[\"']?(?:hid?d?e?n?|1)\b|--headless\b"
)
_BYPASS = re.compile(r"(?i)(?<!\w)-(?:ep|ex\w*)[\s:]+[\"']?(?:bypass|unrestricted)\b|(?<!\w)-nop\w*")
_RUN_AND_CLOSE = re.compile(r"(?i)(?<!\S)\"?/[cr](?![\w/])[^&|]*[&|]")
_JOINED = re.compile(r"[&|;<>]")
_SETTLED = re.compile(
    r"(?i)(?:[a-z]:\\(?:program files(?: \(x86\))?|windows)|%(?:program(?:files|w6432)[^%]{0,6}|windir|systemroot)%)\\"
)
_INSTALLED = re.compile(r"(?i)(?:programdata|allusersprofile)%?[\\/]+[^\\/]+[\\/]+[^\\/]+[\\/]")
_SEARCH = re.compile(
    r"(?i)\b(?:search-ms|ms-search|search):.{0,400}?(?:crumb=location|location):?[\s%:=]{0,8}(?:\\\\|//|%5c%5c)\S"
)
_DECODES = re.compile(r"(?i)FromBase64String|\bcertutil\b.{0,80}-decode(?:hex)?\b")
_READ_SCRIPT = frozenset({"powershell", "pwsh", "mshta", "wscript", "cscript", "rundll32"})
_PLAIN_STEPS = frozenset({"escapes", "comments", "joined-strings", "percent"})
_EVALUATED = frozenset({"powershell"})
"""What a command comes to is read as well, but that it was evaluated is no cover taken off."""
_SHORTCUT_NAME = re.compile(r"(?i)\.lnk(?![\w.])")


def judge_command(link: Shortcut, arguments: str, hosts: frozenset[str], blob: Blob, budget: Budget) -> Iterator[Found]:
    """Judge one reading of the arguments.

    Args:
        link: the shortcut they belong to.
        arguments: as one of the readings gives them.
        hosts: script hosts and system tools that the target is.
        blob: the shortcut's bytes, which a command may cut something out of.
        budget: charged for unfolding.
    """
    at = link.strings.arguments_at
    unfolded = unfold(arguments, budget)
    readings = (unfolded.text, *unfolded.decoded)
    text = "\n".join(readings)
    named = hosts | frozenset(programs.programs_in(text))
    steps = unfolded.steps
    if named & _READ_SCRIPT:
        deeper, more = _deeper(text, budget)
        readings, steps = (*readings, *deeper), (*steps, *more)
        text = "\n".join(readings)
        named |= frozenset(programs.programs_in(text))
    strong = bool(named - programs.EVERYDAY)
    yield from lnk_steps.run(link, arguments, readings)
    line = f"{next(iter(hosts), '')} {arguments}"
    run = carried_out(line, hosts, budget) if strong and arguments.strip() else None
    if run is not None:
        known = f"{line}\n{text}".lower()
        yield from tell(run, known, budget)
        text = "\n".join(filter(None, (text, reading(run, known))))
        named |= frozenset(programs.programs_in(text))
    yield from _indicators(link, arguments, unfolded, text)
    yield from (Recovered("arguments", "command", one) for one in dict.fromkeys((arguments, *readings)) if one.strip())
    if (hidden := _hidden_part(arguments, len(link.target) + 3)) is not None:
        visible, real = hidden
        yield rules.PADDED_ARGUMENTS(
            Evidence(visible, "arguments, visible", at), Evidence(real, "arguments, hidden", at)
        )
    for length, rule in _LENGTHS:
        if len(arguments) > length:
            yield rule(Evidence(f"{len(arguments)} characters", "arguments", at), confidence=1.0 if strong else GUESS)
            break
    if steps:
        yield rules.OBFUSCATED_COMMAND(Evidence(text, f"arguments: {', '.join(steps)}", at))
    if unfolded.decoded:
        yield rules.ENCODED_COMMAND(*(Evidence(one, "arguments", at) for one in unfolded.decoded))
    elif strong and (decodes := _DECODES.search(text)):
        yield rules.ENCODED_COMMAND(Evidence(decodes.group(), "arguments", at))
    for number, one in enumerate(unfolded.decoded):
        yield Child(f"encoded-command-{number}.ps1", one.encode("utf-8", "surrogatepass"))
    if strong:
        yield from _started(link, text, hosts, budget)
        yield from _own(link, text, blob, budget)
    if strong or "hh" in named:
        yield from judge_fetching(text, named, at)
    if named or any(_runs_files(path) for _, path in link.targets):
        yield from judge_launch(link, text, named, budget)
    if hosts and _SEARCH.search(text):
        yield rules.REMOTE_CODE(Evidence(text, "arguments", at))


def _runs_files(target: str) -> bool:
    return programs.program_of(target) in INTERPRETERS or programs.suffix_of(target) in programs.SCRIPT_SUFFIXES


def _deeper(text: str, budget: Budget) -> tuple[list[str], list[str]]:
    """(texts, steps): what script engines make of a line's character codes, formats and replacements."""
    layers = [one for one in script.unfold(text, budget).layers if not set(one.steps) <= _PLAIN_STEPS]
    steps = dict.fromkeys(step for one in layers for step in one.steps if step not in _PLAIN_STEPS | _EVALUATED)
    return [one.text for one in layers], list(steps)


def _started(link: Shortcut, text: str, hosts: frozenset[str], budget: Budget) -> Iterator[Found]:
    """What a script host is told to run, and whether anybody will see it."""
    at = link.strings.arguments_at
    others = [one for one in programs.programs_in(text) if one not in hosts | programs.EVERYDAY]
    if others:
        yield rules.PROGRAM_IN_ARGUMENTS(*(Evidence(one, "arguments", at) for one in others))
    if scripts := programs.script_files_in(text):
        yield rules.SCRIPT_FILE(*(Evidence(one, "arguments", at) for one in scripts))
    if (found := programs.writable_in(text)) and not _INSTALLED.search(found):
        yield rules.WRITABLE_FOLDER(Evidence(found, "arguments", at))
    if "cmd" in hosts and _RUN_AND_CLOSE.search(text):
        yield rules.COMMAND_CHAIN(Evidence(text, "arguments", at))
    powershell = bool({"powershell", "pwsh"} & (hosts | set(programs.programs_in(text))))
    if code := programs.runs_text(text) or launch.runs_input(text, powershell=powershell):
        yield rules.TEXT_AS_CODE(Evidence(code, "arguments", at))
    # What an administrator has put there may as well run unseen; GUESS lends no traits.
    settled = _SETTLED.search(text) and not _JOINED.search(text) and not launch.started_beside(text, budget)
    certainty = GUESS if settled else 1.0
    if hides := _HIDDEN.search(text):
        yield rules.HIDDEN_WINDOW(Evidence(hides.group(), "arguments", at), confidence=certainty)
    elif link.show == _MINIMISED:
        yield rules.HIDDEN_WINDOW(Evidence("minimised, without focus", "ShowCommand", 0x3C), confidence=certainty)
    if ignores := _BYPASS.search(text):
        yield rules.POLICY_BYPASS(Evidence(ignores.group(), "arguments", at))


def _own(link: Shortcut, text: str, blob: Blob, budget: Budget) -> Iterator[Found]:
    """What the command takes out of the shortcut itself."""
    own = _SHORTCUT_NAME.search(text)
    if own is None:
        return
    cuts = list(slices(text, blob, budget))
    words = Evidence(text[max(own.start() - 64, 0) : own.end()], "arguments", link.strings.arguments_at)
    yield rules.READS_ITSELF(words, *(Evidence(one.by, f"{one.content.size} bytes", one.offset) for one in cuts))
    for one in cuts:
        yield Step(action="read", text=f"{one.content.size} bytes of the shortcut itself", where=one.name, depth=1)
        yield Child(one.name, one.content)


def _indicators(link: Shortcut, arguments: str, unfolded: Unfolded, text: str) -> Iterator[Indicator]:
    target = f'"{link.target}"' if " " in link.target else link.target
    if arguments.strip():
        yield Indicator(kind="command", value=f"{target} {arguments}", where="arguments")
    elif link.target:
        yield Indicator(kind="path", value=link.target, where="target")
    if unfolded.steps:
        yield Indicator(kind="command", value=f"{target} {unfolded.text}", origin="decoded", where="arguments")
    for one in unfolded.decoded:
        yield Indicator(kind="command", value=one, origin="decoded", where="arguments")
    literal = {*programs.addresses_in(arguments), *programs.shares_in(arguments)}
    for kind, values in (("url", programs.addresses_in(text)), ("path", programs.shares_in(text))):
        for value in values:
            origin: Origin = "literal" if value in literal else "decoded"
            yield Indicator(kind=kind, value=value, origin=origin, where="arguments")


def _hidden_part(arguments: str, before: int) -> tuple[str, str] | None:
    """(what is seen, what is not) when blanks push text out of the one line of 260 characters that Explorer shows.

    Args:
        arguments: as they stand.
        before: characters of the target that stand before them.
    """
    for run in _BLANKS.finditer(arguments):
        rest = arguments[run.end() :]
        if rest and (before + run.end() >= _VISIBLE or any(one in run.group() for one in "\r\n\v\f")):
            visible = arguments[: min(run.start(), max(_VISIBLE - before, 0))]
            return visible[:_SHOWN], rest
    return None
