"""One file in every container that can be written here: for tests and measurements that go over all of them."""

import base64
from collections.abc import Callable

from emotriage.testing.archive import archive
from emotriage.testing.cab import cabinet
from emotriage.testing.chm import help_file
from emotriage.testing.compressed import bzipped, gzipped, xzipped, zstd
from emotriage.testing.disc import disc, udf_disc
from emotriage.testing.disk import disk
from emotriage.testing.document import document
from emotriage.testing.installer import installer
from emotriage.testing.mail import mail
from emotriage.testing.notebook import notebook
from emotriage.testing.old_archive import arj, lzh
from emotriage.testing.opendocument import opendocument
from emotriage.testing.outlook import outlook_message
from emotriage.testing.page import page
from emotriage.testing.rar import rar
from emotriage.testing.rtf import native_package, rtf
from emotriage.testing.sevenzip import sevenzip
from emotriage.testing.tape import tape
from emotriage.testing.tnef import tnef

_PASSWORD = "infected"  # noqa: S105  everybody's
_MANIFEST = (
    b'<Package xmlns="http://schemas.microsoft.com/appx/manifest/foundation/windows10"><Identity '
    b'Name="Emotriage.Inert" Publisher="CN=Emotriage Inert" Version="1.0.0.0"/><Properties>'
    b"<DisplayName>Dates</DisplayName></Properties></Package>"
)
_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_PAGE = (
    '<html><body><p>Dates</p><a download="{name}" href="data:application/octet-stream;base64,{{file}}">Save</a>'
    "</body></html>"
)


def _pdf(name: str, data: bytes) -> bytes:
    label = name.encode()
    return (
        b"%%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R "
        b"/Names << /EmbeddedFiles << /Names [ (%s) 3 0 R ] >> >> >>\n"
        b"endobj\n2 0 obj\n<< /Type /Pages /Kids [ ] /Count 0 >>\nendobj\n"
        b"3 0 obj\n<< /Type /Filespec /F (%s) /EF << /F 4 0 R >> >>\nendobj\n"
        b"4 0 obj\n<< /Type /EmbeddedFile /Length %d >>\nstream\n%sendstream\nendobj\n"
        b"trailer\n<< /Root 1 0 R >>\n%%%%EOF\n" % (label, label, len(data), data)
    )


def _web_archive(name: str, data: bytes) -> bytes:
    part = base64.encodebytes(data).decode()
    return (
        "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/html\r\n\r\n<html><body>Dates</body></html>\r\n"
        f"--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: file:///C:/{name}\r\n\r\n{part}\r\n--b--\r\n"
    ).encode()


FORMS: dict[str, tuple[str, Callable[[str, bytes], bytes]]] = {
    "zip": ("zip", lambda name, data: archive({name: data}, method=8)),
    "zip-zipcrypto": ("zip", lambda name, data: archive({name: data}, method=8, password=_PASSWORD)),
    "zip-aes": ("zip", lambda name, data: archive({name: data}, method=8, password=_PASSWORD, encryption="aes-256")),
    "7z": ("7z", lambda name, data: sevenzip({name: data})),
    "7z-aes": ("7z", lambda name, data: sevenzip({name: data}, password=_PASSWORD, hide_names=True)),
    "rar4": ("rar", lambda name, data: rar({name: data}, version=4, method=3)),
    "rar4-aes": (
        "rar",
        lambda name, data: rar({name: data}, version=4, method=3, encrypted=[name], password=_PASSWORD),
    ),
    "rar5": ("rar", lambda name, data: rar({name: data}, method=3)),
    "rar5-aes": ("rar", lambda name, data: rar({name: data}, method=3, encrypted_names=True, password=_PASSWORD)),
    "cab": ("cab", lambda name, data: cabinet({name: data})),
    "cab-lzx": ("cab", lambda name, data: cabinet({name: data}, method="lzx")),
    "tar": ("tar", lambda name, data: tape({name: data})),
    "tgz": ("tgz", lambda name, data: gzipped(tape({name: data}))),
    "tbz": ("tbz", lambda name, data: bzipped(tape({name: data}))),
    "txz": ("txz", lambda name, data: xzipped(tape({name: data}))),
    "zst": ("zst", lambda _, data: zstd(data)),
    "lzh": ("lzh", lambda name, data: lzh({name: data}, method="lh5")),
    "arj": ("arj", lambda name, data: arj({name: data})),
    "arj-packed": ("arj", lambda name, data: arj({name: data}, method=1)),
    "iso": ("iso", lambda name, data: disc({name: data}, joliet=False)),
    "joliet": ("iso", lambda name, data: disc({name: data})),
    "udf": ("iso", lambda name, data: udf_disc({name: data})),
    "fat": ("img", lambda name, data: disk({name: data})),
    "ntfs": ("img", lambda name, data: disk({name: data}, system="ntfs")),
    "vhd": ("vhd", lambda name, data: disk({name: data}, container="vhd")),
    "vhd-dynamic": ("vhd", lambda name, data: disk({name: data}, container="vhd-dynamic")),
    "vhdx": ("vhdx", lambda name, data: disk({name: data}, system="ntfs", container="vhdx")),
    "msi": (
        "msi",
        lambda name, data: installer(
            {"ProductName": "Dates"}, files=[name], cabinets={"Data.cab": cabinet({name: data})}
        ),
    ),
    "msix": (
        "msix",
        lambda name, data: archive(
            {"AppxManifest.xml": _MANIFEST, "[Content_Types].xml": _TYPES, name: data}, method=8
        ),
    ),
    "chm": ("chm", lambda name, data: help_file({"/a.html": b"<html>Dates</html>", f"/{name}": data})),
    "eml": ("eml", lambda name, data: mail(attach={name: data})),
    "msg": ("msg", lambda name, data: outlook_message("Dates", attach={name: data})),
    "tnef": ("dat", lambda name, data: tnef("Dates", attach={name: data})),
    "package-in-docx": ("docx", lambda name, data: document("docx", text="Dates", embed={name: data})),
    "odt": ("odt", lambda name, data: opendocument(text="Dates", parts={name: data})),
    "onenote": ("one", lambda name, data: notebook({name: data})),
    "pdf": ("pdf", _pdf),
    "rtf": ("rtf", lambda name, data: rtf("Dates", objects=[native_package(data, name)])),
    "html": ("html", lambda name, data: page(_PAGE.format(name=name), data)),
    "mht": ("mht", _web_archive),
}
"""By name of the form: the extension, and what makes the container of a file's name and bytes."""
