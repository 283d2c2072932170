"""Presentations: PowerPoint 97 binaries, and OOXML packages; text, actions, macros, embedded files."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content
from emotriage.testing.ooxml import DECLARATION, Link, Package, spell
from emotriage.testing.ovba import vba_project, vba_streams
from emotriage.testing.powerpoint97 import CLSID, SlideAction, powerpoint97_streams
from emotriage.testing.property_set import comp_obj, package_object, summary_information

Format = Literal["ppt", "pptx", "pptm"]

_PML = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DML = "http://schemas.openxmlformats.org/drawingml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = f'xmlns:p="{_PML}" xmlns:a="{_DML}" xmlns:r="{_REL}"'
_SLIDE = "application/vnd.openxmlformats-officedocument.presentationml.slide+xml"
_MAIN = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
    "pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml",
}
_VBA = "application/vnd.ms-office.vbaProject"


def presentation(
    format: Format = "ppt",  # noqa: A002  # the recipe's own word for it
    *,
    text: str = "",
    macros: Mapping[str, str] | None = None,
    embed: Mapping[str, bytes] | None = None,
    objects: Sequence[bytes] = (),
    actions: Sequence[SlideAction] = (),
    files: Sequence[bytes] = (),
    compressed: bool = True,
    pictures: bytes = b"",
    properties: Mapping[str, str] | None = None,
    password: str | None = None,
    streams: Mapping[str, Content] | None = None,
    links: Sequence[Link] = (),
    defects: Collection[str] = (),
) -> bytes:
    r"""A presentation.

    Args:
        format: ``ppt`` (PowerPoint 97 to 2003), ``pptx`` or ``pptm``.
        text: of its slides, with ``\n`` between them.
        macros: VBA source by module name.
        embed: files by the name that is shown, embedded as Package objects.
        objects: further stored objects, each a compound file (ppt).
        actions: of shapes, as tables with ``what``, ``target`` and ``hover``.
        files: content of further records, such as archives of a theme (ppt).
        compressed: stored objects are (ppt).
        pictures: the stream of that name (ppt).
        properties: title, subject, author, keywords, comments (ppt).
        password: encrypts all objects by CryptoAPI (ppt).
        streams: further streams by path (ppt).
        links: further relationships of the slide (pptx, pptm).
        defects: words of `powerpoint97.DEFECTS` (ppt).

    Raises:
        ValueError: an unknown format, defect or action.
    """
    if format in _MAIN:
        return _package(_MAIN[format], _shapes(text), macros or {}, embed or {}, actions=actions, links=links)
    if format != "ppt":
        raise ValueError(f"format must be ppt, pptx or pptm, not {format!r}")
    stored = [compound_file(vba_streams(macros))] if macros else []
    stored += [package_object(data, label) for label, data in (embed or {}).items()]
    own = powerpoint97_streams(
        text,
        stored=[*stored, *objects],
        actions=actions,
        files=files,
        compressed=compressed,
        password=password,
        defects=defects,
    )
    described = {
        "\x01CompObj": comp_obj(CLSID, "Microsoft PowerPoint 97-2003 Presentation", "", "PowerPoint.Show.8"),
        "\x05SummaryInformation": summary_information(properties or {}),
    }
    more = {"Pictures": pictures} if pictures else {}
    return compound_file({**own, **described, **more, **(streams or {})}, clsids={"": CLSID})


def _package(
    main_type: str,
    shapes: list[str],
    macros: Mapping[str, str],
    embed: Mapping[str, bytes],
    *,
    actions: Sequence[SlideAction],
    links: Sequence[Link],
) -> bytes:
    draft, main, slide = Package(), "ppt/presentation.xml", "ppt/slides/slide1.xml"
    for one in actions:
        what, target = one["what"], one.get("target", "")
        tag = "hlinkMouseOver" if one.get("hover", False) else "hlinkClick"
        name = "" if what == "macro" else draft.link(slide, "hyperlink", target, external=True)
        action = {"program": "ppaction://program", "macro": f"ppaction://macro?name={target}"}.get(what, "")
        shapes.append(f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x"><a:{tag} r:id="{name}" action="{spell(action)}"/>')
        shapes.append("</p:cNvPr></p:nvSpPr></p:sp>")
    draft.add(main, f"{DECLARATION}<p:presentation {_SPACES}/>", main_type, relation="officeDocument")
    tree = f"<p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld>"
    draft.add(slide, f"{DECLARATION}<p:sld {_SPACES}>{tree}</p:sld>", _SLIDE, source=main, relation="slide")
    if macros:
        draft.add("ppt/vbaProject.bin", vba_project(macros), _VBA, source=main, relation="vbaProject")
    for number, (label, data) in enumerate(embed.items(), 1):
        name = f"ppt/embeddings/oleObject{number}.bin"
        draft.add(name, package_object(data, label), source=slide, relation="oleObject")
    return draft.build(slide, links=links)


def _shapes(text: str) -> list[str]:
    body = "<p:sp><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sp>"
    return [body.format(spell(line)) for line in text.split("\n") if line]
