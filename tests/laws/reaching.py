"""Small inputs for the calls into parsers that no recipe's sample comes to."""

import base64
import struct
import zlib
from functools import cache
from random import Random

from emotriage import Limits
from emotriage.formats.cfb import read_compound_file
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget
from emotriage.testing import (
    Filler,
    Recipe,
    archive,
    build_recipe,
    compound_file,
    document,
    executable,
    hangul,
    help_file,
    load_recipe,
    notebook,
    opendocument,
    outlook_message,
    presentation,
    rar,
    rtf,
    shortcut,
    workbook,
)

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n'
SECURED = (
    b"Write-Host 'Agenda'\r\n$text = ConvertTo-SecureString -Key (1..16) '"
    b"76492d1116743f0423413b16050a5345MgB8AEEAQQBFAEMAQQB3AFEARgBCAGcAYwBJAEMAUQBvAEwARABBADAATwBEAHcAPQA9"
    b"AHwAYwBiADMAYwBhAGIANgAyADgANgAzADgAYgBlADIAZQA5ADYAMwA1ADkAYwA0ADcANgAyAGIAMQBkADMANQBhAGIAZgAxADAA"
    b"NwAyADkAYQAyAGMAYwA2AGQAYQA2ADMAZQA5ADIANAA1AGQAMAA5ADIAMQA3ADQANgBkADMAYwAwAGQAYgBlADMANwA4ADQANQBj"
    b"ADgAOQAxADgAYQA2ADAAZAAzAGQAMQAyADUANgBkADAAYQBhAGMANQBmADEANgAwADUAYgA5ADQAYwA2ADgANwBlAGMANAA2AGUA"
    b"ZQBlADYAOQA1AGYANQAzADQAOQA1ADcAZQAyAGYAOAAyAA=="
    b"'\r\nInvoke-Expression ([Net.NetworkCredential]::new('', $text).Password)\r\n"
)
VARIABLE = 'Sub AutoOpen()\n    MsgBox ActiveDocument.Variables("key").Value\nEnd Sub\n'
COMMENT = "Sub AutoOpen()\n    MsgBox ActiveDocument.Comments(1).Range.Text & ActiveDocument.Shapes(1).Name\nEnd Sub\n"
LONG_TURN = Random(1).randbytes(20_000)
"""Repeats itself for a compressor, and not for whoever looks for filler."""
OBFUSCATED = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
FLAT = (
    b'<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
    b'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData><w:document xmlns:w="urn:x"/></pkg:xmlData></pkg:part>'
    b"</pkg:package>"
)
WORDS = b"<p id=a>Tues<b>day</b></p><script>document.title = document.getElementById('a').textContent;</script>"
FONT_TABLE = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"

LOCKED_ARJ = bytes.fromhex(
    "60ea25001e03010001000000210000000f0000000f00000000000000000000000000612e61726a0000f772ef98000060"
    "ea26001e03010001000000210000000f0000000f0000000000000000000000000072756e2e6a730000d3aaa778000065"
    "6d6f7472696167652d696e65727460ea0000"
)


def _one(file: str, data: bytes, **more: object) -> tuple[Recipe, bytes]:
    return Recipe(name=f"reaching/{file}", summary="", file=file, build={}, **more), data


def _block(signature: int, content: bytes) -> bytes:
    return struct.pack("<II", 8 + len(content), signature) + content


def _message() -> bytes:
    attachment = "__attach_version1.0_#00000000"
    return compound_file(
        {
            "__properties_version1.0": bytes(32),
            f"{attachment}/__substg1.0_37010102": b"Minutes of the meeting\r\n",
            f"{attachment}/__substg1.0_3707001F": "minutes.txt".encode("utf-16-le"),
        }
    )


def _lost() -> bytes:
    """Shortcuts in streams whose directory entries a broken chain no longer leads to."""
    data = bytearray(compound_file({f"Stream {number}": shortcut().ljust(5000, b"\1") for number in range(12)}))
    (directory,), (table,) = struct.unpack_from("<I", data, 0x30), struct.unpack_from("<I", data, 0x4C)
    struct.pack_into("<I", data, (table + 1) * 512 + 4 * directory, 0x7FFFFFFF)
    return bytes(data)


def _sealed() -> bytes:
    return document(
        "doc", password="VelvetSweatshop", encryption="cryptoapi", data_stream=bytes(range(64)) + shortcut()
    )


def _font() -> bytes:
    return document(
        "docx",
        parts={
            "word/fonts/font1.odttf": b"\0\1\0\0\0" + bytes(100),
            "word/fontTable.xml": '<w:fonts xmlns:w="urn:x"><w:font><w:embedRegular w:fontKey="{00000000-0000-0000-'
            '0000-000000000001}"/></w:font></w:fonts>',
        },
        types={"word/fonts/font1.odttf": OBFUSCATED, "word/fontTable.xml": FONT_TABLE},
    )


def _activemime() -> bytes:
    return b"ActiveMime\0\0\x01\xf0".ljust(50, b"\0") + zlib.compress(compound_file({"Stream": b"hello"}))


def _word_xml() -> bytes:
    space = "http://schemas.microsoft.com/office/word/2003/wordml"
    data = base64.b64encode(_activemime()).decode()
    return (
        f'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument xmlns:w="{space}">'
        f'<w:docSuppData><w:binData w:name="editdata.mso">{data}</w:binData></w:docSuppData></w:wordDocument>'
    ).encode()


def _bare_workbook() -> bytes:
    """The stream of an encrypted workbook, in no compound file."""
    xlm = {"Macro1": {"A1": '=EXEC("emotriage-inert")', "A2": "=HALT()"}}
    data = workbook("xls", xlm=xlm, names={"Auto_Open": "Macro1!$A$1"}, password="VelvetSweatshop")
    compound = read_compound_file(Blob(data), Budget(Limits()))
    return compound.open(compound.find("Workbook")).read()


LOOKUPS = {
    "Macro1": {
        "A1": '=SET.VALUE(B1,ADDRESS(3,1,1,TRUE,"Macro1"))',
        "A2": '=SET.VALUE(B2,REFTEXT(A3,TRUE)&ADDRESS(3,1,1,FALSE,"Macro1"))',
        "A3": "=HALT()",
    }
}
CALLER = 'Sub Auto_Open()\n    Application.Run "Macro1!A1"\nEnd Sub\n'


@cache
def reaching() -> tuple[tuple[Recipe, bytes], ...]:
    """The inputs, each with what a scan of it is given."""
    return (
        _one(
            "swallowing.lnk",
            build_recipe(load_recipe("lnk/damaged-string-past-end")) + archive(files={"a.txt": b"hello"}),
        ),
        _one("bare.xls", _bare_workbook()),
        _one("lookups.xlsm", workbook("xlsm", xlm=LOOKUPS, names={"Auto_Open": "Macro1!$A$1"})),
        _one("caller.xlsm", workbook("xlsm", xlm=LOOKUPS, macros={"Module1": CALLER})),
        _one("section.js", b"[InternetShortcut]\r\n" + SCRIPT),
        _one("property.msg", outlook_message("Agenda", more={"__substg1.0_80010102": bytes(64) + shortcut()})),
        _one("editdata.mso", _activemime()),
        _one("letter.xml", _word_xml()),
        _one("page.pdf", b"%PDF-1.4\n" + b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x--\n"),
        _one("behind-html.pdf", b"<html>\n%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"),
        _one("talk.txt", b"Dear all, see below.\n" * 900 + b"<script>emotriage()</script>\n"),
        _one("talk-with-link.txt", b"Dear all,\nsee below.\n[InternetShortcut]\nURL=https://emotriage.invalid/\n"),
        _one("secured.ps1", SECURED),
        _one("shifted.bin", bytes(range(256)) + b"XX" + archive(files={"a.txt": b"hello"})[2:]),
        _one("padded-inside.js", b"var shell =" + b" " * 20_000 + SCRIPT[11:]),
        _one("block.lnk", shortcut(blocks=[_block(0xA0000FFF, SCRIPT + archive(files={"a.txt": b"hello"}))])),
        _one("echo.lnk", shortcut(overlay=SCRIPT * 900)),
        _one("blank.one", notebook(embed={"blank.txt": b" \t\r\n"})),
        _one("overlay.zip", archive(files={"a.txt": b"hello"}) + b"\1\2\3\4" * 32 + shortcut()),
        _one("raw.doc", compound_file({"ObjectPool/_1/\1Ole10Native": struct.pack("<I", 5) + b"%PDF-1.4\n%%EOF"})),
        _one("lost.doc", _lost()),
        _one("sealed.doc", _sealed()),
        _one("mail.msg", _message()),
        _one("cache.odt", opendocument(text="Agenda", parts={"layout-cache": bytes(range(1, 90))})),
        _one("flagged.odt", opendocument(text="Agenda " * 9, zip={"method": 8, "encrypted_flag": True})),
        _one("shortcut.hwp", hangul(streams={"PrvText": bytes(range(64)) + shortcut()})),
        _one("object.hwp", hangul(flags=[], embed={"BIN0001.OLE": bytes(4) + b"%PDF-1.4\n%%EOF"})),
        _one("flat.xml", FLAT),
        _one("picture.hwp", hangul(flags=[], streams={"PrvImage": b"GIF89a" + bytes(64)})),
        _one("pictures.ppt", presentation(text="Agenda", pictures=bytes(range(64)) + shortcut())),
        _one("styles.ppt", presentation(text="Agenda", files=[bytes(64) + archive(files={"a.txt": b"hello"})])),
        _one("font.docx", _font()),
        _one(
            "prologue.docx",
            document("docx", parts={"word/long.xml": f"<!--{'x y ' * 2000}--><w:hdr xmlns:w='urn:x'/>"}),
        ),
        _one("locked.arj", LOCKED_ARJ),
        _one("locked.rar", rar({"b/": b"", "a.js": bytes(32)}, encrypted=["a.js"], links={"c.txt": "../c.txt"})),
        _one("infected.rar", rar({"a.txt": b"Agenda"}, method=3, encrypted=["a.txt"], password="infected")),
        _one("named.rar", rar({"a.txt": b"Agenda"}, encrypted_names=True, password="infected")),
        _one("solid.rar", rar({"a.txt": b"Agenda", "b.txt": b"Agenda"}, method=3, solid=True)),
        _one("stub.exe", executable() + archive(files={"a.txt": b"hello"})),
        _one("comment.doc", document("doc", macros={"Module1": COMMENT})),
        _one("variable.doc", document("doc", macros={"Module1": VARIABLE})),
        _one("flagged.zip", archive(files={"a.txt": b"hello, " * 9 + b"world"}, method=8, encrypted_flag=True)),
        _one("aliases.zip", archive(files={"a.txt": b"hello"}, aliases={"b.txt": "a.txt", "c.txt": "a.txt"})),
        _one("picture.rtf", rtf("Minutes", pictures=[b"\x89PNG\r\n\x1a\n" + bytes(40)])),
        _one("old-picture.rtf", rtf("Minutes", pictures=[b"\x09\xc6\0\0\0\0" + shortcut()], picture="macpict")),
        _one("infected.zip", archive(files={"a.txt": Filler(17 << 20, b"hello ")}, method=8, password="infected")),
        _one(
            "crowded.zip",
            archive(files={"a.bin": Filler(17 << 20, LONG_TURN)}, method=8, password="infected"),
            limits={"spooled_bytes": 1 << 20},
        ),
        _one("stored.chm", help_file({"a.htm": b"<html>Agenda</html>"}, stored=["a.htm"])),
        _one("words.html", WORDS),
        _one("members.zip", archive(files={f"{n}.js": b"x" for n in range(9)}), limits={"children": 4}),
    )
