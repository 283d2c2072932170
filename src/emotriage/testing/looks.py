"""How cells look, for macros that ask: fonts, colours and alignment as every format of workbooks can write them."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from emotriage.testing.ooxml import DECLARATION

_VERTICAL = ("top", "center", "bottom", "justify", "distributed")
_HORIZONTAL = ("general", "left", "center", "right", "fill", "justify", "centerContinuous", "distributed")


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a cell, in the numbers that GET.CELL answers with; colours are 1 to 56, 0 is automatic."""

    size: float = 11
    colour: int = 0
    fill: int = 0
    vertical: int = 3
    horizontal: int = 1

    @property
    def indexed(self) -> tuple[int, int]:
        """Font and fill colour as files number them."""
        return (self.colour + 7 if self.colour else 0x7FFF), (self.fill + 7 if self.fill else 0x40)


def distinct(sheets: Iterable[Mapping[tuple[int, int], Look]]) -> list[Look]:
    """The usual look, then each other one once."""
    return list(dict.fromkeys([Look(), *(one for sheet in sheets for one in sheet.values())]))


def styles_xml(looks: Sequence[Look], namespace: str) -> str:
    """styles.xml of an OOXML workbook."""
    fonts, fills, formats = [], ['<fill><patternFill patternType="none"/></fill>'] * 2, []
    for number, one in enumerate(looks):
        colour = f'<color indexed="{one.colour + 7}"/>' if one.colour else ""
        fonts.append(f'<font><sz val="{one.size:g}"/>{colour}<name val="Calibri"/></font>')
        pattern = 'patternType="none"/>'
        if one.fill:
            pattern = f'patternType="solid"><fgColor indexed="{one.fill + 7}"/></patternFill>'
        fills.append(f"<fill><patternFill {pattern}</fill>")
        words = f'vertical="{_VERTICAL[one.vertical - 1]}" horizontal="{_HORIZONTAL[one.horizontal - 1]}"'
        formats.append(f'<xf fontId="{number}" fillId="{number + 2}"><alignment {words}/></xf>')
    return (
        f'{DECLARATION}<styleSheet xmlns="{namespace}"><fonts count="{len(fonts)}">{"".join(fonts)}</fonts>'
        f'<fills count="{len(fills)}">{"".join(fills)}</fills><borders count="1"><border/></borders>'
        f'<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="{len(formats)}">{"".join(formats)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


def font_record(one: Look) -> bytes:
    """The head of a FONT record ([MS-XLS] 2.4.122), before the name."""
    return struct.pack("<5H4B", round(one.size * 20), 0, one.indexed[0], 400, 0, 0, 0, 0, 0)


def format_record(one: Look, font: int) -> bytes:
    """An XF record of BIFF8 ([MS-XLS] 2.4.353)."""
    alignment = one.horizontal - 1 | (one.vertical - 1) << 4
    pattern = (1 if one.fill else 0) << 26
    return struct.pack("<HHHBBBBIIH", font, 0, 1, alignment, 0, 0, 0, 0, pattern, one.indexed[1] | 65 << 7)
