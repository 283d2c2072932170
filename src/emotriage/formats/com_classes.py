"""What a class id in a compound file stands for: documents, packages, controls, links and classes known from attacks.

Ids are those that Windows and Office register ([MS-OLEDS], the programs' own registry entries, public advisories).
"""

from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "document", "store", "installer", "package", "control", "equation", "link", "moniker", "active", "exploited"
]
"""``active``: made to fetch or run something; ``exploited``: a control that is known from attacks on its flaws."""


@dataclass(frozen=True, slots=True)
class ComClass:
    """A class: its name, and what it is for."""

    title: str
    role: Role


def class_of(clsid: str) -> ComClass | None:
    """The class of a lower-case UUID, if it is a known one."""
    return _KNOWN.get(clsid)


def class_named(prog_id: str) -> ComClass | None:
    """The class of a program id such as ``Equation.3``, whatever its version and case."""
    spelled = _spelled(prog_id)
    return _NAMED[spelled] if spelled else None


def is_spelled_oddly(prog_id: str) -> bool:
    """True for a known program id in upper and lower case as no program writes it."""
    spelled = _spelled(prog_id)
    return spelled is not None and not prog_id.strip().startswith(spelled)


def _spelled(prog_id: str) -> str | None:
    """The usual spelling of as many of its words as are known."""
    words = prog_id.strip().lower().split(".")[:4]
    while words:
        if (found := _SPELLINGS.get(".".join(words))) is not None:
            return found
        words.pop()
    return None


def _ole(number: int) -> str:
    """The id of a class of the block that Microsoft gave out by number."""
    return f"{number:08x}-0000-0000-c000-000000000046"


_DOCUMENTS = {
    _ole(0x00020810): "Excel 5.0/95 workbook",
    _ole(0x00020811): "Excel 5.0/95 chart",
    _ole(0x00020820): "Excel 97-2003 workbook",
    _ole(0x00020821): "Excel 97-2003 chart",
    _ole(0x00020830): "Excel workbook (xlsx)",
    _ole(0x00020832): "Excel workbook with macros (xlsm)",
    _ole(0x00020833): "Excel binary workbook (xlsb)",
    _ole(0x00020803): "Microsoft Graph chart",
    _ole(0x00020900): "Word 6.0/95 document",
    _ole(0x00020901): "Word 6.0/95 picture",
    _ole(0x00020906): "Word 97-2003 document",
    _ole(0x00020907): "Word 97-2003 picture",
    "f4754c9b-64f5-4b40-8af4-679732ac0607": "Word document (docx)",
    "18a06b6b-2f3f-4e2b-a611-52be631b2d22": "Word document with macros (docm)",
    "ea7bae70-fb3b-11cd-a903-00aa00510ea3": "PowerPoint 95 presentation",
    "64818d10-4f9b-11cf-86ea-00aa00b929e8": "PowerPoint 97-2003 presentation",
    "64818d11-4f9b-11cf-86ea-00aa00b929e8": "PowerPoint 97-2003 slide",
    "cf4f55f4-8f87-4d47-80bb-5808164bb3f8": "PowerPoint presentation (pptx)",
    "048eb43e-2059-422f-95e0-557da96038af": "PowerPoint slide (sldx)",
    "00021201-0000-0000-00c0-000000000046": "Publisher document",
    _ole(0x00021A12): "Visio 4 drawing",
    _ole(0x00021A13): "Visio 5 drawing",
    _ole(0x00021A14): "Visio drawing",
    _ole(0x00020D0B): "Outlook message",
    _ole(0x00020D0C): "Outlook message template",
    "74b78f3a-c8c8-11d1-be11-00c04fb6faf1": "Microsoft Project file",
    "b801ca65-a1fc-11d0-85ad-444553540000": "Acrobat document",
    _ole(0x0003000A): "Paintbrush picture",
    "d3e34b21-9d75-101a-8c3d-00aa001a1652": "Paint picture",
    "73fddc80-aea9-101a-98a7-00aa00374959": "WordPad document",
}
_STORES = {
    "88d969ec-8b8b-4c3d-859e-af6cd158be0f": "custom XML store",
    "88d96a0c-f192-11d4-a65f-0040963251e5": "custom XML store",
}
"""Readers of MSXML, under which RTF keeps what a document's custom XML is in packages."""
_INSTALLERS = {
    _ole(0x000C1082): "Windows Installer transform (mst)",
    _ole(0x000C1084): "Windows Installer package (msi)",
    _ole(0x000C1086): "Windows Installer patch (msp)",
}
_PACKAGES = {
    _ole(0x0003000C): "OLE package",
    _ole(0x0003000D): "OLE package (sound)",
    _ole(0x0003000E): "OLE package (video)",
    "f20da720-c02f-11ce-927b-0800095ae340": "OLE package",
}
_EQUATIONS = {
    _ole(0x0002CE02): "Equation 3.0",
    _ole(0x0002CE03): "MathType equation",
    _ole(0x0003000B): "Equation 1.0",
    _ole(0x00021700): "Equation 2.0",
    _ole(0x0004A6B0): "Equation 2.0",
}
_CONTROLS = {
    "8bd21d10-ec42-11ce-9e0d-00aa006002f3": "Forms TextBox",
    "8bd21d20-ec42-11ce-9e0d-00aa006002f3": "Forms ListBox",
    "8bd21d30-ec42-11ce-9e0d-00aa006002f3": "Forms ComboBox",
    "8bd21d40-ec42-11ce-9e0d-00aa006002f3": "Forms CheckBox",
    "8bd21d50-ec42-11ce-9e0d-00aa006002f3": "Forms OptionButton",
    "8bd21d60-ec42-11ce-9e0d-00aa006002f3": "Forms ToggleButton",
    "d7053240-ce69-11cd-a777-00dd01143c57": "Forms CommandButton",
    "978c9e23-d4b0-11ce-bf2d-00aa003f40d0": "Forms Label",
    "4c599241-6926-101b-9992-00000b65c6f9": "Forms Image",
    "6e182020-f460-11ce-9bcd-00aa00608e01": "Forms Frame",
    "46e31370-3f7a-11ce-bed6-00aa00611080": "Forms MultiPage",
    "eae50eb0-4a62-11ce-bed6-00aa00611080": "Forms TabStrip",
    "79176fb0-b7f2-11ce-97ef-00aa006d2776": "Forms SpinButton",
    "dfd181e0-5e2f-11ce-a449-00aa004a803d": "Forms ScrollBar",
    "c62a69f0-16dc-11ce-9e98-00aa00574a4f": "Forms UserForm",
    "5512d110-5cc6-11cf-8d67-00aa00bdce1d": "HTML form SubmitButton",
    "5512d11a-5cc6-11cf-8d67-00aa00bdce1d": "HTML form Text",
    "5512d11c-5cc6-11cf-8d67-00aa00bdce1d": "HTML form Hidden",
    "5512d122-5cc6-11cf-8d67-00aa00bdce1d": "HTML form Select",
}
_MONIKERS = {
    _ole(0x00000303): "file moniker",
    _ole(0x00000304): "item moniker",
    _ole(0x00000305): "anti moniker",
    _ole(0x00000308): "packager moniker",
    _ole(0x00000309): "composite moniker",
    _ole(0x0000031A): "class moniker",
    "79eac9e0-baf9-11ce-8c82-00aa004ba90b": "URL moniker",
}
_ACTIVE = {
    "06290bd2-48aa-11d2-8432-006008c3fbfc": "scriptlet file",
    "06290bd3-48aa-11d2-8432-006008c3fbfc": "script moniker",
    "06290bd0-48aa-11d2-8432-006008c3fbfc": "scriptlet context",
    "06290bd1-48aa-11d2-8432-006008c3fbfc": "scriptlet constructor",
    "06290bd4-48aa-11d2-8432-006008c3fbfc": "scriptlet handler",
    "06290bd5-48aa-11d2-8432-006008c3fbfc": "scriptlet type library",
    "ecabafc6-7f19-11d2-978e-0000f8757e2a": "New moniker",
    "ecabb0c7-7f19-11d2-978e-0000f8757e2a": "SOAP moniker",
    "3050f4d8-98b5-11cf-bb82-00aa00bdce0b": "HTML application",
    "25336920-03f9-11cf-8fd0-00aa00686f13": "HTML document",
    "eab22ac3-30c1-11cf-a7eb-0000c05bae0b": "Shell.Explorer browser control",
    "8856f961-340a-11d0-a96b-00c04fd705a2": "web browser control",
    "c08afd90-f2a1-11d1-8455-00a0c91f3880": "ShellBrowserWindow",
    "9ba05972-f6a8-11cf-a442-00a0c90a8f39": "ShellWindows",
    "13709620-c279-11ce-a49e-444553540000": "Shell.Application",
    "72c24dd5-d70a-438b-8a42-98424b88afb8": "WScript.Shell",
    "f935dc22-1cf0-11d0-adb9-00c04fd58a0b": "WScript.Shell",
    "0d43fe01-f093-11cf-8940-00a0c9054228": "FileSystemObject",
    "0e59f1d5-1fbe-11d0-8ff2-00a0d10038bc": "script control",
    "b54f3741-5b07-11cf-a4b0-00aa004a55e8": "VBScript engine",
    "f414c260-6ac0-11cf-b6d1-00aa00bbbb58": "JScript engine",
    "88d969ea-f192-11d4-a65f-0040963251e5": "XMLHTTP 5.0",
    "88d969eb-f192-11d4-a65f-0040963251e5": "ServerXMLHTTP 5.0",
}
_EXPLOITED = {
    "d27cdb6e-ae6d-11cf-96b8-444553540000": "Shockwave Flash",
    "d27cdb70-ae6d-11cf-96b8-444553540000": "Shockwave Flash",
    "bdd1f04b-858b-11d1-b16a-00c0f0283628": "MSCOMCTL ListView",
    "996bf5e0-8044-4650-adeb-0b013914e99c": "MSCOMCTL ListView",
    "c74190b6-8589-11d1-b16a-00c0f0283628": "MSCOMCTL TreeView",
    "9181dc5f-e07d-418a-aca6-8eea1ecb8e9e": "MSCOMCTL TreeView",
    "1efb6596-857c-11d1-b16a-00c0f0283628": "MSCOMCTL TabStrip",
    "66833fe6-8583-11d1-b16a-00c0f0283628": "MSCOMCTL Toolbar",
    "dd9da666-8594-11d1-b16a-00c0f0283628": "MSCOMCTL ImageCombo",
    "a08a033d-1a75-4ab6-a166-ead02f547959": "otkloadr assembly loader",
    "05741520-c4eb-440a-ac3f-9643bbc9f847": "otkloadr loader",
    "3018609e-cdbc-47e8-a255-809d46baa319": "SQL Server Compact listener",
    "44f9a03b-a3ec-4f3b-9364-08e0007f21df": "task symbol control",
    "cddbcc7c-be18-4a58-9cbf-d62a012272ce": "OSF sandbox",
    "41b9be05-b3af-460c-bf0b-2cdd44a093b1": "search filter",
}
_KNOWN: dict[str, ComClass] = {
    _ole(0x00000300): ComClass("OLE link", "link"),
    **{clsid: ComClass(title, "document") for clsid, title in _DOCUMENTS.items()},
    **{clsid: ComClass(title, "store") for clsid, title in _STORES.items()},
    **{clsid: ComClass(title, "installer") for clsid, title in _INSTALLERS.items()},
    **{clsid: ComClass(title, "package") for clsid, title in _PACKAGES.items()},
    **{clsid: ComClass(title, "equation") for clsid, title in _EQUATIONS.items()},
    **{clsid: ComClass(title, "control") for clsid, title in _CONTROLS.items()},
    **{clsid: ComClass(title, "moniker") for clsid, title in _MONIKERS.items()},
    **{clsid: ComClass(title, "active") for clsid, title in _ACTIVE.items()},
    **{clsid: ComClass(title, "exploited") for clsid, title in _EXPLOITED.items()},
}
_NAMED: dict[str, ComClass] = {
    "Equation": ComClass("Equation", "equation"),
    "MathType": ComClass("MathType equation", "equation"),
    **dict.fromkeys(("Package", "Package2"), ComClass("OLE package", "package")),
    **dict.fromkeys(("OLE2Link", "StdOleLink"), ComClass("OLE link", "link")),
    **dict.fromkeys(("htmlfile", "mhtmlfile", "htafile"), ComClass("HTML document", "active")),
    **dict.fromkeys(("script", "scriptletfile", "Scriptlet"), ComClass("scriptlet", "active")),
    **dict.fromkeys(("Shell.Explorer", "InternetExplorer.Application"), ComClass("web browser control", "active")),
    "WScript.Shell": ComClass("WScript.Shell", "active"),
    "Shell.Application": ComClass("Shell.Application", "active"),
    "MSScriptControl.ScriptControl": ComClass("script control", "active"),
    "MSComctlLib": ComClass("MSCOMCTL control", "exploited"),
    "COMCTL": ComClass("COMCTL32 control", "exploited"),
    "ShockwaveFlash": ComClass("Shockwave Flash", "exploited"),
    "otkloadr": ComClass("otkloadr assembly loader", "exploited"),
    "Word": ComClass("Word document", "document"),
    **dict.fromkeys(("Excel", "ExcelWorksheet", "ExcelChart"), ComClass("Excel workbook", "document")),
    "PowerPoint": ComClass("PowerPoint presentation", "document"),
    "AcroExch": ComClass("Acrobat document", "document"),
    **dict.fromkeys(("Paint", "PBrush"), ComClass("Paintbrush picture", "document")),
    "Visio": ComClass("Visio drawing", "document"),
    "MSGraph": ComClass("Microsoft Graph chart", "document"),
}
"""Classes by the first words of their program ids, as programs spell them."""
_SPELLINGS = {name.lower(): name for name in _NAMED}
