"""How names in macro code are made: by a person, by a generator, or as filler; measured over a whole project."""

import re
from collections import Counter
from dataclasses import dataclass
from string import ascii_lowercase

from emotriage.emulation.vba.program import Program
from emotriage.emulation.vba.source import words_in
from emotriage.emulation.vba.vocabulary import KNOWN, is_constant, words

# Letters that follow another in names that people make: 97 % of the pairs in honest macros, and some more.
_PAIRS = {
    one[0]: frozenset(one[2:])
    for one in words("""
        a:abcdefghiklmnoprstuvwxyz b:aceijlmnorsuvy c:abcdefhiklmoprstu d:abcdefghijlmnoprstuwyz j:aeiou
        e:abcdefghijklmnopqrstuvwxyz f:adefilmnorstu g:adefhiklmnoprstu h:abdeilmnorstuwy i:abcdefgiklmnoprstvxz
        k:abeilmnorstuy l:abcdefghiklmnoprstuvy m:abcdefilmnoprstuy n:abcdefghijklmnoprstuvyz q:u v:aeiklort
        o:abcdefgijklmnoprstuvwxyz p:abcdefhijlmnoprstuvy r:abcdefghiklmnoprstuvwyz s:abcdefghiklmnopqrstuvwyz
        t:abcdefhiklmnoprstuvwyz u:abcdefgiklmnprstxz w:aehilmnorsu x:aceipty y:abceilmnopstuv z:aeiouz
    """)
}
_BARE = re.compile(r"(?<![\w.!\"#&])[^\W\d]\w*")
_ASCII_BARE = re.compile(r"[A-Za-z_](?<![\w.!\"#&].)\w*", re.ASCII)
_BRACKETED = re.compile(r"\[[^\[\]\n]{0,255}\]")
_DECLARATION = re.compile(
    r"[\n:][^\S\n]*(?:public|private|global|dim|static|const|redim|friend|declare|sub|function|property|enum|type"
    r"|event|withevents|implements|for)\b([^\n]*)"
)
_BLOCK = re.compile(
    r"\n[^\S\n]*(?:(?:(?:public|private)[^\S\n]+)?(type|enum)[^\S\n]+\w|end[^\S\n]+(?:type|enum)\b)[^\n]*"
)
_LABEL = re.compile(r"\n[^\S\n]*([^\W\d]\w*):(?!=)")
_JUMP = re.compile(r"(?:goto(?<!\wgoto)|gosub(?<!\wgosub)|resume(?<!\wresume))[^\S\n]+([^\W\d]\w*)")
_NAMED_ARGUMENT = re.compile(r"=:[^\S\n]{0,64}(\w{0,254}[^\W\d])(?!\w)")  # of code that is read backwards
_LETTERS = frozenset(ascii_lowercase)
_PAIR = re.compile(r"[a-z](?=[a-z])")
_RARE = re.compile(
    "|".join(f"{one}(?=[{''.join(sorted(_LETTERS - then))}])" for one, then in _PAIRS.items() if then < _LETTERS)
)
_FLIP = re.compile(r"[a-z](?=\d)|\d(?=[a-z])")
_SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a project that are its own.

    Attributes:
        own: how many different ones there are.
        unset: those that are read, but neither declared nor given a value.
        unread: those that are given a value nobody reads, and not declared.
        rated: how many are long enough to be rated.
        random: those of them that look generated.
    """

    own: int
    unset: tuple[str, ...]
    unread: tuple[str, ...]
    rated: int
    random: tuple[str, ...]


def is_random(name: str) -> bool:
    """True when a name looks generated: rare pairs of letters, or letters and digits in turn."""
    if len(name) < _SHORTEST or not name.isascii():
        return False
    lower = name.lower()
    rare = len(_RARE.findall(lower))
    if rare >= 2 and rare > len(_PAIR.findall(lower)) / 4:
        return True
    if lower.isalpha():
        return False
    digits = sum(map(str.isdigit, lower))
    return len(_FLIP.findall(lower)) >= 3 or (digits >= 4 and 2 * digits > len(lower))


def survey(program: Program) -> Names:
    """Count what is done with each name."""
    uses: Counter[str] = Counter()
    spelled: dict[str, str] = {}
    declared: set[str] = {node.procedure.name.lower() for node in program.nodes}
    declared |= {module.name.lower() for module in program.modules}
    for module in program.modules:
        code = _BRACKETED.sub("", module.source.code)
        program.budget.spend(30 * len(code))
        lines = _BRACKETED.sub("", "\n" + module.source.low)
        bare = _ASCII_BARE if code.isascii() else _BARE
        for name, count in Counter(bare.findall(code)).items():
            lower = name.lower()
            uses[lower] += count
            spelled.setdefault(lower, name)
        declared.update(words_in("\n".join(_DECLARATION.findall(lines))))
        opened = -1
        for found in _BLOCK.finditer(lines):
            if found[1] and opened < 0:
                opened = found.end()
            elif not found[1] and opened >= 0:
                declared.update(words_in(lines[opened : found.start()]))
                opened = -1
        declared.update(_LABEL.findall(lines))
        declared.update(_JUMP.findall(lines))
        declared.update(name[::-1] for name in _NAMED_ARGUMENT.findall(lines[::-1]))
        declared.update(
            value.partition(",")[0].lower() for name, value in module.source.attributes if "Control" in name
        )
    assigned = program.assigned()
    own = [name for name in uses if name not in KNOWN and not is_constant(spelled[name])]
    rated = [spelled[name] for name in own if len(name) >= _SHORTEST]
    return Names(
        own=len(own),
        unset=tuple(spelled[name] for name in own if name not in declared and name not in assigned),
        unread=tuple(
            spelled[name]
            for name in own
            if name not in declared and name in assigned and len(assigned[name]) >= uses[name]
        ),
        rated=len(rated),
        random=tuple(name for name in rated if is_random(name)),
    )
