"""OpenDocument packages: text, macros in Basic, events, links, or a manifest that calls them encrypted."""

from collections.abc import Mapping, Sequence
from typing import Any

from emotriage.testing.archive import archive
from emotriage.testing.content import Content
from emotriage.testing.ooxml import DECLARATION, spell

_NAMES = ("office", "text", "script", "table", "draw", "manifest")
_XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
_SPACES = " ".join([*(f'xmlns:{one}="urn:oasis:names:tc:opendocument:xmlns:{one}:1.0"' for one in _NAMES), _XLINK])
_BASIC = '<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">'
_SCRIPT = 'xmlns:script="http://openoffice.org/2000/script"'
_ADDRESS = "vnd.sun.star.script:Standard.{}?language=Basic&location=document"


def opendocument(
    *,
    text: str = "",
    basic: Mapping[str, str] | None = None,
    events: Mapping[str, str] | None = None,
    objects: Sequence[str] = (),
    pictures: Sequence[str] = (),
    dde: Sequence[Sequence[str]] = (),
    encrypted: Sequence[str] = (),
    parts: Mapping[str, Content] | None = None,
    zip: Mapping[str, Any] | None = None,  # noqa: A002  # the recipe's own word for it
) -> bytes:
    r"""A text document.

    Args:
        text: paragraphs, with ``\n`` between them.
        basic: source by module name, in the library Standard.
        events: by event, such as ``dom:load``, ``Module1.Main`` or the whole address of a macro.
        objects: addresses of objects in the text.
        pictures: addresses of pictures.
        dde: ``[application, topic, item]`` of links.
        encrypted: members that the manifest calls encrypted.
        parts: further members, or others in the place of these.
        zip: further arguments of `archive`.
    """
    listeners = "".join(
        f'<script:event-listener script:language="ooo:script" script:event-name="{name}" '
        f'xlink:href="{spell(macro if ":" in macro else _ADDRESS.format(macro))}"/>'
        for name, macro in (events or {}).items()
    )
    body = "".join(f"<text:p>{spell(line)}</text:p>" for line in text.split("\n"))
    body += "".join(f'<draw:frame><draw:object xlink:href="{spell(one)}"/></draw:frame>' for one in objects)
    body += "".join(f'<draw:frame><draw:image xlink:href="{spell(one)}"/></draw:frame>' for one in pictures)
    body += "".join(
        f'<text:dde-connection-decl office:dde-application="{spell(one[0])}" office:dde-topic="{spell(one[1])}" '
        f'office:dde-item="{spell(one[2])}"/>'
        for one in dde
    )
    scripts = f"<office:scripts><office:event-listeners>{listeners}</office:event-listeners></office:scripts>"
    content = f"{scripts}<office:body><office:text>{body}</office:text></office:body>"
    files: dict[str, Content] = {
        "mimetype": "application/vnd.oasis.opendocument.text",
        "content.xml": f"{DECLARATION}<office:document-content {_SPACES}>{content}</office:document-content>",
    }
    for name, source in (basic or {}).items():
        module = f'<script:module {_SCRIPT} script:name="{name}" script:language="StarBasic">{spell(source)}'
        files[f"Basic/Standard/{name}.xml"] = f"{DECLARATION}{_BASIC}{module}</script:module>"
    files |= dict(parts or {})
    locks = dict.fromkeys(encrypted, "<manifest:encryption-data/>")
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{spell(one)}">{locks.get(one, "")}</manifest:file-entry>'
        for one in files
    )
    files["META-INF/manifest.xml"] = f"{DECLARATION}<manifest:manifest {_SPACES}>{entries}</manifest:manifest>"
    return archive(files, **(zip or {}))
