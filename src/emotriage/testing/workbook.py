"""Excel workbooks in all their formats; worksheets, macro sheets, VBA, links."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from emotriage.testing.biff8 import DEFECTS as WORKBOOK_DEFECTS
from emotriage.testing.biff8 import Name, Sheet, Value, state_number, workbook_stream
from emotriage.testing.biff12 import MAIN as BINARY_MAIN
from emotriage.testing.biff12 import add_binary_workbook
from emotriage.testing.biff_old import old_sheet
from emotriage.testing.binary_encryption import Method
from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content
from emotriage.testing.defects import divide
from emotriage.testing.drawing import drawn
from emotriage.testing.looks import Look
from emotriage.testing.ooxml import Link, Package, core_properties
from emotriage.testing.ovba import vba_project, vba_streams
from emotriage.testing.property_set import PACKAGE_CLSID, comp_obj, package_streams, summary_information
from emotriage.testing.ptg import place
from emotriage.testing.spreadsheetml import MAIN, MAIN_TYPES, add_workbook
from emotriage.testing.sylk import symbolic_link

Format = Literal["xls", "xlsx", "xlsm", "xlsb", "slk", "xls2", "xls3", "xls4"]
_OLD = {"xls2": 2, "xls3": 3, "xls4": 4}
Cells = Mapping[str, Mapping[str, Value]]

_CLSID = "00020820-0000-0000-c000-000000000046"


def workbook(
    format: Format = "xls",  # noqa: A002  # the recipe's own word for it
    *,
    macros: Mapping[str, str] | None = None,
    sheets: Cells | None = None,
    xlm: Cells | None = None,
    results: Cells | None = None,
    looks: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None,
    heights: Mapping[str, Mapping[str, float]] | None = None,
    comments: Mapping[str, Mapping[str, str]] | None = None,
    shapes: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    state: Mapping[str, str | int] | None = None,
    names: Mapping[str, str] | None = None,
    hidden_names: Collection[str] = (),
    name_scopes: Mapping[str, str] | None = None,
    plain_names: bool = False,
    dde: Sequence[Sequence[str]] = (),
    embed: Mapping[str, bytes] | None = None,
    properties: Mapping[str, str] | None = None,
    international: bool = False,
    stream: str = "Workbook",
    string_limit: int = 8224,
    password: str | None = None,
    encryption: Method = "rc4",
    vba_part: str = "",
    vba: Mapping[str, Any] | None = None,
    streams: Mapping[str, Content] | None = None,
    parts: Mapping[str, Content] | None = None,
    types: Mapping[str, str] | None = None,
    links: Sequence[Link] = (),
    container: Mapping[str, Any] | None = None,
    zip: Mapping[str, Any] | None = None,  # noqa: A002  # the recipe's own word for it
    defects: Collection[str] = (),
) -> bytes:
    """An Excel workbook.

    Args:
        format: ``xls`` (Excel 97 to 2003), ``xlsx``, ``xlsm``, ``xlsb``; ``slk``, and ``xls2`` to ``xls4`` (Excel 2 to
            4, no compound file), for the first macro sheet, or else worksheet, alone; an ``xlsx`` with macros is one
            that lies about them.
        macros: VBA source by module name; document modules are added for the workbook and its worksheets.
        sheets: worksheets, value by cell, such as ``{"Sheet1": {"A1": 1.5, "B2": "text", "C3": "=A1&B2"}}``; a text
            that begins with "=" is a formula, unless "'" stands before it. One empty sheet if None.
        xlm: Excel 4.0 macro sheets, behind the worksheets, in the same form; formulas may also be tokens (bytes, xls).
        results: by sheet and cell, what a formula is said to have come to.
        looks: by sheet and cell, what differs from the usual look: ``size``, ``colour``, ``fill``, ``vertical``,
            ``horizontal``, in the numbers that GET.CELL answers with.
        heights: by sheet and row number, in points.
        comments: of cells, by sheet and cell (xls alone).
        shapes: text boxes by sheet, as tables of ``name``, ``description`` and ``text`` (xls alone).
        state: by sheet ``hidden`` or ``veryhidden``, or the raw byte of the sheet list.
        names: defined names and their formulas, such as ``{"Auto_Open": "Macro1!$A$1"}``.
        hidden_names: those that are hidden.
        name_scopes: by name, the sheet it belongs to.
        plain_names: write names that Excel knows by itself, such as Auto_Open, as if users had defined them.
        dde: links: service, topic and item of each.
        embed: files by the name that is shown, embedded as Package objects.
        properties: title, subject, author, keywords, comments.
        international: macro sheets are of the international sort (OOXML).
        stream: name of the workbook's stream (xls).
        string_limit: most bytes of a record of the string table (xls).
        password: encrypts the records of the workbook's stream (xls).
        encryption: in which way: ``rc4``, ``cryptoapi`` or ``xor``.
        vba_part: storage or part that holds the project; ``_VBA_PROJECT_CUR`` or ``xl/vbaProject.bin`` by default.
        vba: further arguments of `vba_streams`.
        streams: further streams by path, of the workbook (xls) or of its VBA project (xlsx, xlsm).
        parts: further or other parts of an OOXML workbook.
        types: content types of its parts.
        links: further relationships, as tables with ``source``, ``type``, ``target``, ``external`` and ``id``.
        container: further arguments of `compound_file`.
        zip: further arguments of `archive`.
        defects: words of the workbook stream (xls), of the VBA project, of the compound file or of the archive.

    Raises:
        ValueError: an unknown format or defect, a formula that is not understood, or something that can't be written.
    """
    if format not in {"xls", "xlsb", "slk", *_OLD, *MAIN_TYPES}:
        raise ValueError(f"format must be xls, xls2, xls3, xls4, xlsx, xlsm, xlsb or slk, not {format!r}")
    own = [one for one in defects if format == "xls" and one in WORKBOOK_DEFECTS]
    wrong = divide([one for one in defects if one not in own], ooxml=format != "xls")
    every = {"Sheet1": {}} if sheets is None else sheets
    made = _dressed(_sheets(every, xlm or {}, state or {}, results or {}), looks or {}, heights or {})
    made = [
        replace(
            one,
            comments={place(cell): text for cell, text in (comments or {}).get(one.name, {}).items()},
            shapes=drawn((shapes or {}).get(one.name, ())),
        )
        for one in made
    ]
    defined = _names(names or {}, made, hidden_names, name_scopes or {}, builtin=not plain_names)
    documents = [f"Sheet{number}" for number, one in enumerate(made, 1) if not one.macro]
    vba = {"documents": documents, **(vba or {}), **wrong.vba}
    container = {**(container or {}), **wrong.container}
    if format == "xls":
        body = workbook_stream(
            made,
            defined,
            links=dde,
            with_vba=macros is not None,
            string_limit=string_limit,
            password=password,
            encryption=encryption,
            defects=own,
        )
        found: dict[str, Content] = {
            stream: body,
            "\x01CompObj": comp_obj(_CLSID, "Microsoft Excel 97-2003 Worksheet", "Biff8", "Excel.Sheet.8"),
            "\x05SummaryInformation": summary_information(properties or {}),
        }
        clsids = {"": _CLSID}
        for number, (label, data) in enumerate((embed or {}).items(), 1):
            clsids[f"MBD{number:08X}"] = PACKAGE_CLSID
            found |= {f"MBD{number:08X}/{name}": raw for name, raw in package_streams(data, label).items()}
        if macros is not None:
            project = vba_streams(macros, host="excel", **vba)
            found |= {f"{vba_part or '_VBA_PROJECT_CUR'}/{path}": raw for path, raw in project.items()}
        return compound_file({**found, **(streams or {})}, **{"clsids": clsids, **container})
    alone = next((one for one in made if one.macro), made[0]) if made else None
    if alone is not None and format in _OLD:
        return old_sheet(_OLD[format], alone, defined)
    if alone is not None and format == "slk":
        return symbolic_link(alone, defined)
    draft = Package()
    main = MAIN
    if format == "xlsb":
        main = BINARY_MAIN
        add_binary_workbook(draft, made, defined)
    else:
        add_workbook(draft, made, defined, format_=format, links=dde, embed=embed or {}, international=international)
    core_properties(draft, properties or {})
    if macros is not None:
        project_file = vba_project(macros, host="excel", streams=streams, vba=vba, container=container)
        kind = "application/vnd.ms-office.vbaProject"
        draft.add(vba_part or "xl/vbaProject.bin", project_file, kind, source=main, relation="vbaProject")
    return draft.build(main, parts=parts, types=types, links=links, options={**(zip or {}), **wrong.zip})


def _sheets(sheets: Cells, xlm: Cells, state: Mapping[str, str | int], results: Cells) -> list[Sheet]:
    every = [
        *((name, False, cells) for name, cells in sheets.items()),
        *((name, True, cells) for name, cells in xlm.items()),
    ]
    titles = [name for name, _, _ in every]
    if unknown := [name for name in (*state, *results) if name not in titles]:
        raise ValueError(f"there is no sheet {unknown[0]!r}")
    for one in state.values():
        state_number(one)
    return [
        Sheet(
            name,
            macro,
            state.get(name, "visible"),
            {place(cell): value for cell, value in cells.items()},
            {place(cell): value for cell, value in results.get(name, {}).items()},
        )
        for name, macro, cells in every
    ]


def _dressed(
    sheets: Sequence[Sheet],
    looks: Mapping[str, Mapping[str, Mapping[str, Any]]],
    heights: Mapping[str, Mapping[str, float]],
) -> list[Sheet]:
    return [
        replace(
            one,
            looks={place(cell): Look(**look) for cell, look in looks.get(one.name, {}).items()},
            heights={int(row) - 1: height for row, height in heights.get(one.name, {}).items()},
        )
        for one in sheets
    ]


def _names(
    names: Mapping[str, str],
    sheets: Sequence[Sheet],
    hidden: Collection[str],
    scopes: Mapping[str, str],
    *,
    builtin: bool,
) -> list[Name]:
    titles = [one.name for one in sheets]
    return [
        Name(name, formula, titles.index(scopes[name]) + 1 if name in scopes else 0, name in hidden, builtin)
        for name, formula in names.items()
    ]
