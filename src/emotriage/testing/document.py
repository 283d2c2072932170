"""Word documents: Word 97 binaries, and OOXML with or without macros."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from emotriage.testing.binary_encryption import Lock, Method, encrypted_word
from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content
from emotriage.testing.defects import divide
from emotriage.testing.drawing import drawn
from emotriage.testing.oforms import CLSID as TEXT_BOX
from emotriage.testing.oforms import form_streams, page_streams
from emotriage.testing.ooxml import DECLARATION, Link, Package, core_properties, spell
from emotriage.testing.ovba import vba_project, vba_streams
from emotriage.testing.property_set import PACKAGE_CLSID, package_object
from emotriage.testing.word97 import CLSID, pool_path, word97_streams

Format = Literal["doc", "docx", "docm"]

_WML = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_MAIN = {"docx": f"{_WORD}.document.main+xml", "docm": "application/vnd.ms-word.document.macroEnabled.main+xml"}
_VBA = "application/vnd.ms-office.vbaProject"


def document(
    format: Format = "doc",  # noqa: A002  # the recipe's own word for it
    *,
    macros: Mapping[str, str] | None = None,
    text: str = "",
    fields: Sequence[str] = (),
    embed: Mapping[str, bytes] | None = None,
    external_template: str = "",
    properties: Mapping[str, str] | None = None,
    password: str | None = None,
    encryption: Method = "rc4",
    vba_part: str = "",
    vba: Mapping[str, Any] | None = None,
    data_stream: bytes = b"",
    shapes: Sequence[Mapping[str, Any]] = (),
    controls: Mapping[str, str] | None = None,
    forms: Mapping[str, Mapping[str, str]] | None = None,
    streams: Mapping[str, Content] | None = None,
    parts: Mapping[str, Content] | None = None,
    types: Mapping[str, str] | None = None,
    links: Sequence[Link] = (),
    body_part: str = "word/document.xml",
    container: Mapping[str, Any] | None = None,
    zip: Mapping[str, Any] | None = None,  # noqa: A002  # the recipe's own word for it
    defects: Collection[str] = (),
) -> bytes:
    r"""A Word document.

    Args:
        format: ``doc`` (Word 97), ``docx`` or ``docm``; a ``docx`` with macros is one that lies about them.
        macros: VBA source by module name.
        text: paragraphs, with ``\n`` between them.
        fields: instructions of fields, such as ``DDEAUTO c:\\emotriage-inert``, each in a paragraph behind the text.
        embed: files by the name that is shown, embedded as Package objects.
        external_template: address or path of the attached template.
        properties: title, subject, author, keywords, comments.
        password: encrypts the streams of the document (doc); macros and embedded files stay in clear.
        encryption: in which way: ``rc4``, ``cryptoapi`` or ``xor``.
        vba_part: storage or part that holds the project; ``Macros`` or ``word/vbaProject.bin`` by default.
        vba: further arguments of `vba_streams`.
        data_stream: the stream Data (doc), encrypted like the text.
        shapes: tables of ``name``, ``description``, ``text`` and ``inline`` (doc alone).
        controls: texts of text boxes on the page, by name (doc alone).
        forms: forms of the VBA project, each with the texts of its text boxes by name.
        streams: further streams by path, of the document (doc) or of its VBA project (docx, docm).
        parts: further or other parts of an OOXML document.
        types: content types of its parts.
        links: further relationships, as tables with ``source``, ``type``, ``target``, ``external`` and ``id``.
        body_part: name of its main part.
        container: further arguments of `compound_file`.
        zip: further arguments of `archive`.
        defects: words of the VBA project, of the compound file or of the archive.

    Raises:
        ValueError: an unknown format or defect, or something that can't be written in it.
    """
    if format not in {"doc", *_MAIN}:
        raise ValueError(f"format must be doc, docx or docm, not {format!r}")
    wrong = divide(defects, ooxml=format != "doc")
    vba = {**(vba or {}), **wrong.vba}
    container = {**(container or {}), **wrong.container}
    if format == "doc":
        lock = None if password is None else Lock(password, encryption)
        reserved = len(lock.header()) if lock and lock.method != "xor" else 0
        own = word97_streams(
            text,
            fields=fields,
            template=external_template,
            properties=properties,
            embed=embed,
            reserved=reserved,
            data=data_stream,
            shapes=drawn(shapes),
        )
        found: dict[str, Content] = {**(own if lock is None else encrypted_word(own, lock))}
        if macros is not None:
            project = vba_streams(macros, host="word", **vba)
            found |= {f"{vba_part or 'Macros'}/{path}": data for path, data in project.items()}
            found |= {f"{vba_part or 'Macros'}/{path}": data for path, data in _forms(forms).items()}
        clsids = {"": CLSID, **{pool_path(number): PACKAGE_CLSID for number in range(len(embed or {}))}}
        for number, (name, value) in enumerate((controls or {}).items(), start=len(embed or {})):
            found |= page_streams(pool_path(number), name, value)
            clsids[pool_path(number)] = TEXT_BOX
        return compound_file({**found, **(streams or {})}, **{"clsids": clsids, **container})
    draft = Package()
    draft.add(body_part, b"", _MAIN[format], relation="officeDocument")
    core_properties(draft, properties or {})
    draft.add("word/styles.xml", _STYLES, f"{_WORD}.styles+xml", source=body_part, relation="styles")
    draft.add("word/settings.xml", b"", f"{_WORD}.settings+xml", source=body_part, relation="settings")
    attached = ""
    if external_template:
        name = draft.link("word/settings.xml", "attachedTemplate", external_template, external=True)
        attached = f'<w:attachedTemplate r:id="{name}"/>'
    draft.parts["word/settings.xml"] = _root("settings", attached)
    objects = [
        draft.add(
            f"word/embeddings/oleObject{number}.bin",
            package_object(data, label),
            source=body_part,
            relation="oleObject",
        )
        for number, (label, data) in enumerate((embed or {}).items(), 1)
    ]
    if macros is not None:
        more = {**_forms(forms), **(streams or {})}
        project_file = vba_project(macros, host="word", streams=more, vba=vba, container=container)
        draft.add(vba_part or "word/vbaProject.bin", project_file, _VBA, source=body_part, relation="vbaProject")
    draft.parts[body_part] = _body(text, fields, objects)
    options = {**(zip or {}), **wrong.zip}
    return draft.build(body_part, parts=parts, types=types, links=links, options=options)


def _root(name: str, inside: str) -> str:
    spaces = f'xmlns:w="{_WML}" xmlns:r="{_REL}" xmlns:o="urn:schemas-microsoft-com:office:office"'
    return f"{DECLARATION}<w:{name} {spaces}>{inside}</w:{name}>"


def _forms(forms: Mapping[str, Mapping[str, str]] | None) -> dict[str, bytes]:
    return {path: data for name, boxes in (forms or {}).items() for path, data in form_streams(name, boxes).items()}


def _body(text: str, fields: Sequence[str], objects: Sequence[str]) -> str:
    out = [f'<w:p><w:r><w:t xml:space="preserve">{spell(line)}</w:t></w:r></w:p>' for line in text.split("\n")]
    for one in fields:
        out.append('<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>')
        out.append(f'<w:r><w:instrText xml:space="preserve"> {spell(one)} </w:instrText></w:r>')
        out.append('<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>')
    for number, name in enumerate(objects, 1):
        shape = f'ProgID="Package" ShapeID="_{number}" DrawAspect="Icon" ObjectID="_{number}"'
        out.append(f'<w:p><w:r><w:object><o:OLEObject Type="Embed" {shape} r:id="{name}"/></w:object></w:r></w:p>')
    return _root("document", f"<w:body>{''.join(out)}<w:sectPr/></w:body>")


_STYLES = _root(
    "styles", '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
)
