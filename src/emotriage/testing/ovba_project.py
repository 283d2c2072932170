"""What stands around the modules of a VBA project: the PROJECT stream ([MS-OVBA] 2.3.1) and the attribute lines."""

from collections.abc import Sequence
from typing import Literal

Host = Literal["word", "excel"]

_ID = "{EA07E1A6-0000-4000-8000-000000000000}"
_BASES = {
    ("document", "word"): "1Normal.ThisDocument",
    ("document", "excel"): "0{00020820-0000-0000-C000-000000000046}",
    ("class", ""): "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}",
    ("form", ""): "0{EA07E1A6-0000-4000-8000-000000000001}{EA07E1A6-0000-4000-8000-000000000002}",
}
_WORKBOOK = "0{00020819-0000-0000-C000-000000000046}"
_WORDS = {"document": "Document", "class": "Class", "form": "BaseClass", "standard": "Module"}


def attributed(module: str, kind: str, host: Host, source: str) -> str:
    r"""The source as it is stored: with its attribute lines, unless it brings its own, and with ``\r\n``."""
    lines = source.replace("\r\n", "\n").removesuffix("\n").split("\n") if source else []
    if not source.startswith("Attribute VB_Name"):
        lines = _attributes(module, kind, host) + lines
    return "".join(line + "\r\n" for line in lines)


def _attributes(module: str, kind: str, host: Host) -> list[str]:
    out = [f'Attribute VB_Name = "{module}"']
    if kind == "standard":
        return out
    base = _WORKBOOK if module == "ThisWorkbook" else _BASES.get((kind, host)) or _BASES[kind, ""]
    own = kind == "document"
    out += [f'Attribute VB_Base = "{base}"', "Attribute VB_GlobalNameSpace = False", "Attribute VB_Creatable = False"]
    out += [f"Attribute VB_PredeclaredId = {kind != 'class'}", f"Attribute VB_Exposed = {own}"]
    return [*out, f"Attribute VB_TemplateDerived = {own}", f"Attribute VB_Customizable = {own}"]


def project_text(name: str, modules: Sequence[tuple[str, str]], *, viewable: bool) -> str:
    """The PROJECT stream.

    Args:
        name: of the project.
        modules: (name, kind) of each that is listed.
        viewable: false leaves protection fields that no editor can read.
    """
    lines = [f'ID="{_ID}"']
    lines += [f"{_WORDS[kind]}={one}{'/&H00000000' if kind == 'document' else ''}" for one, kind in modules]
    lines += [f'Name="{name}"', 'HelpContextID="0"', 'VersionCompatible32="393222000"']
    for key, seed, data in (("CMG", 0x1E, bytes(4)), ("DPB", 0x3C, bytes(1)), ("GC", 0x5A, b"\xff")):
        lines.append(f'{key}="{_encrypted(seed, data) if viewable else "unviewable+++"}"')
    lines += ["", "[Host Extender Info]", "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000"]
    lines += ["", "[Workspace]", *(f"{one}=0, 0, 0, 0, C" for one, _ in modules)]
    return "".join(line + "\r\n" for line in lines)


def _encrypted(seed: int, data: bytes) -> str:
    """[MS-OVBA] 2.4.3.2; obfuscation rather than encryption, its key is the project's id."""
    key = sum(_ID.encode()) & 0xFF
    out = [seed, seed ^ 2, seed ^ key]
    clear = key
    for byte in bytes((seed & 6) // 2) + len(data).to_bytes(4, "little") + data:
        out.append(byte ^ (out[-2] + clear & 0xFF))
        clear = byte
    return bytes(out).hex().upper()
