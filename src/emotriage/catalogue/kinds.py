"""What "looked at" means: one line a kind.

The walk holds every artifact to this table: one that is to be recursed or judged must have met an analyzer that wanted
it, a passive one has been hashed and searched for active magic, and all others leave a gap with their name.
"""

from dataclasses import dataclass
from typing import Literal

Treatment = Literal["recursed", "judged", "passive", "gap"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of artifact.

    Attributes:
        name: what `identify` answers.
        title: for people.
        treatment: what having looked at it means.
        note: what exactly is looked at, or why not.
        needs: built-in analyzers that must all have come to their end for that.
    """

    name: str
    title: str
    treatment: Treatment
    note: str
    needs: tuple[str, ...] = ()


_ALL = (
    Kind("empty", "empty file", "passive", "nothing to look at", needs=("passive",)),
    Kind(
        "ole",
        "compound file (Word, Excel, PowerPoint 97-2003, vbaProject ...)",
        "judged",
        "macros, Excel 4.0 sheets, embedded objects, templates and DDE fields of Word, bodies and attachments of "
        "Outlook messages, actions and stored objects of PowerPoint, scripts and embedded files of Hangul and "
        "Publisher documents; encrypted documents are opened "
        "by passwords at hand; worksheets are not looked into; other applications, and what no password opens, leave a "
        "gap with their name",
        needs=(
            "encrypted-office",
            "equation",
            "hwp",
            "installer",
            "lure",
            "ole",
            "ole-zip",
            "outlook",
            "powerpoint97",
            "publisher",
            "vba",
            "word97",
            "workbook-links",
            "xlm",
        ),
    ),
    Kind(
        "ooxml",
        "Office Open XML package",
        "recursed",
        "macros, macro sheets, embedded files; every part that is no XML becomes an artifact",
        needs=("lure", "ooxml", "ooxml-fields", "slide-actions", "xlm"),
    ),
    Kind(
        "zip",
        "ZIP archive",
        "recursed",
        "central directory and local headers; encrypted members are opened with candidates, else leave a gap",
        needs=("zip",),
    ),
    Kind("lnk", "Windows shortcut", "judged", "target, arguments, icon, window, data behind its end", needs=("lnk",)),
    Kind(
        "onenote",
        "OneNote section",
        "recursed",
        "embedded files of both layouts, by structure and by GUID sweep; texts, links and places of its pages; locked "
        "sections leave a gap",
        needs=("onenote",),
    ),
    Kind(
        "url",
        "internet shortcut, and other INI files of the shell (.scf, .theme, desktop.ini)",
        "judged",
        "its target and icon, what it loads from elsewhere",
        needs=("url",),
    ),
    Kind(
        "script",
        "script (JavaScript, VBScript, batch, PowerShell ...)",
        "judged",
        "what it starts, fetches and writes, and how it hides that, at a first depth",
        needs=("carve", "script"),
    ),
    Kind("hta", "HTML application", "judged", "its scripts, at a first depth", needs=("carve", "script")),
    Kind(
        "text",
        "plain text",
        "judged",
        "hashed, and judged as a script where it reads like one",
        needs=("carve", "damaged-head", "postscript", "script", "table"),
    ),
    Kind(
        "pdf",
        "PDF document",
        "judged",
        "object streams and embedded files are read, under an empty password too; scripts are evaluated, actions "
        "followed; rich media, forms in XML and other passwords leave a gap",
        needs=("carve", "pdf", "pdf-actions"),
    ),
    Kind(
        "image",
        "image (PNG, JPEG, GIF, BMP, TIFF, ICO, WebP)",
        "passive",
        "hashed and searched for active magic",
        needs=("passive",),
    ),
    Kind("metafile", "EMF or WMF picture", "passive", "hashed and searched for active magic", needs=("passive",)),
    Kind("font", "font", "passive", "hashed and searched for active magic", needs=("passive",)),
    Kind("media", "sound or video", "passive", "hashed and searched for active magic", needs=("passive",)),
    Kind(
        "signature",
        "cryptographic signature",
        "passive",
        "hashed and searched for active magic; encrypted or opaque content is a gap",
        needs=("passive",),
    ),
    Kind(
        "calendar",
        "calendar or contact text",
        "passive",
        "hashed and searched for active magic, and its base64 attachments",
        needs=("passive",),
    ),
    Kind(
        "printer-settings",
        "printer settings (DEVMODE)",
        "passive",
        "hashed and searched for active magic",
        needs=("passive",),
    ),
    Kind(
        "biff",
        "Excel workbook without a container",
        "judged",
        "macro sheets, from Excel 2 on",
        needs=("xlm",),
    ),
    Kind(
        "rtf",
        "RTF document",
        "judged",
        "objects, pictures and stores under every reading of their digits; templates, links, fields and equations",
        needs=("rtf", "rtf-equations", "rtf-links"),
    ),
    Kind(
        "html",
        "HTML page",
        "judged",
        "text, links and forms; scripts are evaluated, and files that they make are opened; frames, embedded objects, "
        "scripts from elsewhere and what was not evaluated to its end leave a gap",
        needs=("html",),
    ),
    Kind("svg", "SVG picture", "judged", "as a page: scripts, foreign content, links, files in it", needs=("svg",)),
    Kind(
        "xml",
        "XML document",
        "judged",
        "root, instructions and scripts; where libraries, searches and settings lead; document types and formats that "
        "programs act on leave a gap",
        needs=("app-installer", "url-xml", "xml"),
    ),
    Kind(
        "word-xml",
        "Office 2003 XML or flat OPC",
        "recursed",
        "macros, objects and pictures in it become artifacts, a flat package the package that it stands for; fields, "
        "templates and links of Word and Excel 2003 XML; other programs leave a gap",
        needs=("office-xml", "word-xml"),
    ),
    Kind("mht", "web archive (MHTML)", "recursed", "every part, under every reading of the structure", needs=("mail",)),
    Kind(
        "mail",
        "mail message",
        "recursed",
        "every body and attachment under every reading of the structure; passwords in the texts are tried on what is "
        "attached; senders and threads are not judged",
        needs=("mail",),
    ),
    Kind("tnef", "TNEF (winmail.dat)", "recursed", "every body and attachment", needs=("tnef",)),
    Kind(
        "activemime",
        "ActiveMime (editdata.mso)",
        "recursed",
        "the compound file with macros that is compressed in it",
        needs=("activemime",),
    ),
    Kind("slk", "symbolic link spreadsheet", "judged", "Excel 4.0 macros, links to programs", needs=("xlm",)),
    Kind(
        "odf",
        "OpenDocument",
        "recursed",
        "macros, the events that start them, links; every member that is no XML of the document becomes an artifact; "
        "what is encrypted leaves a gap",
        needs=("odf", "odf-basic"),
    ),
    Kind("onetoc", "OneNote table of contents", "judged", "files, texts and links in it", needs=("onenote",)),
    Kind(
        "msix",
        "Windows app package (MSIX, APPX, bundles)",
        "recursed",
        "every member; what its manifest says it is, asks for and starts; never clean",
        needs=("app-package", "zip"),
    ),
    Kind(
        "jar",
        "Java or Android package",
        "recursed",
        "every member; the class that its manifest starts; code is not read, so one that holds any is never clean",
        needs=("app-package", "zip"),
    ),
    Kind(
        "executable",
        "executable (PE, ELF, Mach-O, Java class)",
        "gap",
        "an executable: never clean; of a Windows program, exports, signature and stubs are told, and archives that it "
        "carries are opened",
        needs=("program", "program-padding", "self-extracting"),
    ),
    Kind("chm", "compiled HTML help", "recursed", "every page and file; commands of its control", needs=("chm",)),
    Kind(
        "iso",
        "ISO 9660 or UDF image",
        "recursed",
        "every file of every directory: ISO 9660, Joliet, UDF; rewritable UDF media leave a gap",
        needs=("disk-image",),
    ),
    Kind(
        "disk-image",
        "disk image (VHD, VHDX, FAT, NTFS, partitions)",
        "recursed",
        "every file on FAT and NTFS, with its streams; other file systems, differencing disks and VMDK leave a gap",
        needs=("disk-image",),
    ),
    Kind(
        "7z",
        "7z archive",
        "recursed",
        "every file, encrypted ones with the candidates; PPMd and BCJ2 leave a gap",
        needs=("sevenzip",),
    ),
    Kind(
        "rar",
        "RAR archive",
        "recursed",
        "names, links, comments and streams of both formats; every member, encrypted ones with the candidates; PPMd, "
        "packers older than 2.9, and what goes on in another volume leave a gap with its name",
        needs=("rar",),
    ),
    Kind(
        "cab",
        "cabinet (CAB, .onepkg)",
        "recursed",
        "every file, stored or packed with MSZIP or LZX; Quantum, and what lies in other volumes, leaves a gap",
        needs=("cab",),
    ),
    Kind("gzip", "gzip stream", "recursed", "its content, all streams in a row", needs=("compressed",)),
    Kind("bzip2", "bzip2 stream", "recursed", "its content, all streams in a row", needs=("compressed",)),
    Kind("xz", "xz or LZMA stream", "recursed", "its content, all streams in a row", needs=("compressed",)),
    Kind(
        "zstd",
        "Zstandard stream",
        "recursed",
        "its content, all frames in a row; a gap where the package zstandard is missing",
        needs=("compressed",),
    ),
    Kind("tar", "tar archive", "recursed", "every member; sparse members leave a gap", needs=("tar",)),
    Kind(
        "lzh",
        "LZH archive",
        "recursed",
        "every member, stored or packed with -lh4- to -lh7-; older methods leave a gap",
        needs=("old-archive",),
    ),
    Kind(
        "arj",
        "ARJ archive",
        "recursed",
        "every member, stored or packed with methods 1 to 3; method 4 and encrypted members leave a gap",
        needs=("old-archive",),
    ),
    Kind(
        "archive",
        "other archive (ACE, Z ...)",
        "gap",
        "names in ACE archives are judged, and what is stored as it is becomes an artifact; the rest is not read",
        needs=("old-archive",),
    ),
    Kind(
        "unknown",
        "unknown binary",
        "gap",
        "no format that is known here; files inside are carved, those with damaged first bytes mended",
        needs=("carve", "damaged-head"),
    ),
)

ALWAYS = ("names", "padding")
"""Built-in analyzers that every artifact needs."""

KINDS: dict[str, Kind] = {one.name: one for one in _ALL}
"""Every kind that `identify` can answer."""
