"""The parts of an OOXML workbook: sheets, macro sheets, shared strings and defined names."""

from collections.abc import Mapping, Sequence

from emotriage.testing.biff8 import Name, Sheet, Value, state_number
from emotriage.testing.looks import Look, distinct, styles_xml
from emotriage.testing.ooxml import DECLARATION, Package, spell
from emotriage.testing.property_set import package_object
from emotriage.testing.ptg import NAMES_OF_BUILT_INS

MAIN = "xl/workbook.xml"

_SML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_XM = "http://schemas.microsoft.com/office/excel/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STATES = ("", ' state="hidden"', ' state="veryHidden"')
MAIN_TYPES = {"xlsx": f"{_TYPE}.sheet.main+xml", "xlsm": "application/vnd.ms-excel.sheet.macroEnabled.main+xml"}


def add_workbook(
    draft: Package,
    sheets: Sequence[Sheet],
    names: Sequence[Name],
    *,
    format_: str,
    links: Sequence[Sequence[str]],
    embed: Mapping[str, bytes],
    international: bool,
) -> None:
    """Add all parts of a workbook but its VBA project.

    Args:
        draft: the package.
        sheets: in order.
        names: defined names.
        format_: ``xlsx`` or ``xlsm``.
        links: DDE links: service, topic and item of each.
        embed: files by the name that is shown, Package objects of the first sheet.
        international: macro sheets are of the international sort.
    """
    draft.add(MAIN, b"", MAIN_TYPES[format_], relation="officeDocument")
    strings: dict[str, int] = {}
    looks = distinct(one.looks for one in sheets)
    listed, worksheets, macrosheets = [], 0, 0
    for number, one in enumerate(sheets, 1):
        if one.macro:
            macrosheets += 1
            part = f"xl/macrosheets/{'intlsheet' if international else 'sheet'}{macrosheets}.xml"
            sort = "xlIntlMacrosheet" if international else "xlMacrosheet"
            kind = f"application/vnd.ms-excel.{'intl' * international}macrosheet+xml"
        else:
            worksheets += 1
            part, sort, kind = f"xl/worksheets/sheet{worksheets}.xml", "worksheet", f"{_TYPE}.worksheet+xml"
        name = draft.add(part, b"", kind, source=MAIN, relation=sort)
        objects = _embed(draft, part, embed) if number == 1 else ""
        draft.parts[part] = _sheet(one, strings, objects, looks)
        state = _STATES[state_number(one.state) & 3]
        listed.append(f'<sheet name="{spell(one.name)}" sheetId="{number}"{state} r:id="{name}"/>')
    draft.add("xl/styles.xml", styles_xml(looks, _SML), f"{_TYPE}.styles+xml", source=MAIN, relation="styles")
    if strings:
        kind = f"{_TYPE}.sharedStrings+xml"
        draft.add("xl/sharedStrings.xml", _strings(strings), kind, source=MAIN, relation="sharedStrings")
    inside = f"<sheets>{''.join(listed)}</sheets>" + _external(draft, links)
    if names:
        inside += f"<definedNames>{''.join(_name(one) for one in names)}</definedNames>"
    draft.parts[MAIN] = f'{DECLARATION}<workbook xmlns="{_SML}" xmlns:r="{_REL}">{inside}</workbook>'


def _sheet(one: Sheet, strings: dict[str, int], objects: str, looks: Sequence[Look]) -> str:
    rows: dict[int, list[str]] = {row: [] for row in one.heights}
    for row, column in sorted({*one.cells, *one.looks}):
        look = one.looks.get((row, column), Look())
        style = "" if look == Look() else f' s="{looks.index(look)}"'
        cell = ">"
        if (row, column) in one.cells:
            cell = _cell(one.cells[row, column], one.results.get((row, column)), strings)
        rows.setdefault(row, []).append(f'<c r="{_letters(column)}{row + 1}"{style}{cell}</c>')
    lines = ""
    for row in sorted(rows):
        height = f' ht="{one.heights[row]:g}" customHeight="1"' if row in one.heights else ""
        lines += f'<row r="{row + 1}"{height}>{"".join(rows[row])}</row>'
    data = f"<sheetData>{lines}</sheetData>{objects}"
    if one.macro:
        return f'{DECLARATION}<xm:macrosheet xmlns="{_SML}" xmlns:r="{_REL}" xmlns:xm="{_XM}">{data}</xm:macrosheet>'
    return f'{DECLARATION}<worksheet xmlns="{_SML}" xmlns:r="{_REL}">{data}</worksheet>'


def _cell(value: Value, result: Value | None, strings: dict[str, int]) -> str:
    """The rest of the element `c`, from its attributes on."""
    if isinstance(value, bytes):
        raise ValueError("an OOXML workbook holds formulas as text, not as tokens")  # noqa: TRY004  # as all others here
    if isinstance(value, str) and value.startswith("="):
        shown = "" if result is None else f"<v>{_plain(result)}</v>"
        sort = {str: ' t="str"', bool: ' t="b"'}.get(type(result), "")
        return f"{sort}><f>{spell(value[1:])}</f>{shown}"
    if isinstance(value, str):
        number = strings.setdefault(value.removeprefix("'"), len(strings))
        return f' t="s"><v>{number}</v>'
    sort = ' t="b"' if isinstance(value, bool) else ""
    return f"{sort}><v>{_plain(value)}</v>"


def _plain(value: Value) -> str:
    return str(int(value)) if isinstance(value, bool) else spell(str(value))


def _letters(column: int) -> str:
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(65 + rest) + out
    return out


def _strings(strings: Mapping[str, int]) -> str:
    items = "".join(f'<si><t xml:space="preserve">{spell(one)}</t></si>' for one in strings)
    return f'{DECLARATION}<sst xmlns="{_SML}" uniqueCount="{len(strings)}">{items}</sst>'


def _name(one: Name) -> str:
    builtin = one.builtin and one.name.lower() in NAMES_OF_BUILT_INS
    scope = f' localSheetId="{one.scope - 1}"' if one.scope else ""
    hidden = ' hidden="1"' if one.hidden else ""
    name = f"_xlnm.{one.name}" if builtin else one.name
    return f'<definedName name="{spell(name)}"{scope}{hidden}>{spell(one.formula.removeprefix("="))}</definedName>'


def _embed(draft: Package, sheet: str, embed: Mapping[str, bytes]) -> str:
    out = []
    for number, (label, data) in enumerate(embed.items(), 1):
        part = f"xl/embeddings/oleObject{number}.bin"
        name = draft.add(part, package_object(data, label), source=sheet, relation="oleObject")
        out.append(f'<oleObject progId="Package" shapeId="{1024 + number}" r:id="{name}"/>')
    return f"<oleObjects>{''.join(out)}</oleObjects>" if out else ""


def _external(draft: Package, links: Sequence[Sequence[str]]) -> str:
    out = []
    for number, (service, topic, item) in enumerate(links, 1):
        link = f'<ddeLink ddeService="{spell(service)}" ddeTopic="{spell(topic)}">'
        link += f'<ddeItems><ddeItem name="{spell(item)}" advise="1"/></ddeItems></ddeLink>'
        xml = f'{DECLARATION}<externalLink xmlns="{_SML}" xmlns:r="{_REL}">{link}</externalLink>'
        part = f"xl/externalLinks/externalLink{number}.xml"
        name = draft.add(part, xml, f"{_TYPE}.externalLink+xml", source=MAIN, relation="externalLink")
        out.append(f'<externalReference r:id="{name}"/>')
    return f"<externalReferences>{''.join(out)}</externalReferences>" if out else ""
