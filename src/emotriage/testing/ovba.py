"""VBA projects ([MS-OVBA]) from the sources of their modules, sane or with one defect."""

import struct
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from emotriage.testing.compound_file import compound_file
from emotriage.testing.content import Content
from emotriage.testing.ovba_compiled import Names
from emotriage.testing.ovba_compiled import compiled as compiled_module
from emotriage.testing.ovba_compression import compress, spoil
from emotriage.testing.ovba_directory import ModuleRecord, directory
from emotriage.testing.ovba_project import Host, attributed, project_text

DEFECTS = {
    "no-dir": "the dir stream is missing",
    "corrupt-dir": "the dir stream holds noise",
    "bad-module-offset": "every module offset is wrong (argument; far behind the end)",
    "empty-source": "the source of every module is empty; what would be compiled code is there",
    "no-source": "the module streams end where the source should begin",
    "purged": "no module has compiled code, and _VBA_PROJECT holds its header alone",
    "missing-signature": "the first byte of each compressed source is not 1",
    "bad-chunk-signature": "a chunk with a wrong signature stands before the sane ones of each source",
    "copy-before-start": "a chunk that begins with a copy token stands before the sane ones of each source",
    "chunk-size-lies": "the first chunk of each compressed source claims to be longer than it is",
    "hidden-modules": "the PROJECT stream lists no modules",
    "unviewable": "the protection fields of the PROJECT stream are no hexadecimal digits",
}
_STDOLE = r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb#OLE Automation"
_NOISE = bytes((at * 167 + 41) % 251 for at in range(300))
_CODECS = {10000: "mac_roman", 65001: "utf-8"}
_FAR = 0x7FFFFF


def vba_streams(
    macros: Mapping[str, str],
    *,
    host: Host = "word",
    kinds: Mapping[str, str] | None = None,
    documents: Sequence[str] = (),
    name: str = "Project",
    code_page: int = 1252,
    declared_code_page: int | None = None,
    references: Sequence[str] = (_STDOLE,),
    literal_only: bool = False,
    cache_size: int = 128,
    compiled: Mapping[str, str] | None = None,
    compiler: int = 0xAF,
    stream_names: Mapping[str, str] | None = None,
    unicode_names: Mapping[str, str] | None = None,
    defects: Collection[str] = (),
) -> dict[str, bytes]:
    """The streams of a VBA project, by their path below its storage.

    Args:
        macros: source by module name, in any line ends; the attribute lines are added where they are missing.
        host: ``word`` or ``excel``: which document module is added, and what it is based on.
        kinds: by module name ``document``, ``class``, ``form`` or ``standard``; by default ThisDocument, ThisWorkbook
            and those in `documents` are document modules, all others standard ones.
        documents: names of document modules beside the host's own; made empty where `macros` has none.
        name: of the project.
        code_page: Windows code page of the sources and names.
        declared_code_page: what the project says its code page is, where that is a lie.
        references: library ids, as in a reference record.
        literal_only: compress without copy tokens, as some generators do.
        cache_size: bytes of compiled code before each source; they hold no valid code.
        compiled: by module name, lines that are compiled instead of that, as `ovba_compiled` has them.
        compiler: version that the compiled code says it is of.
        stream_names: by module name, that of its stream where it is another.
        unicode_names: by module name, what its Unicode record says where it disagrees.
        defects: words of `DEFECTS`, each alone or as ``word:argument``.

    Raises:
        ValueError: an unknown defect, or text that the code page can't spell.
    """
    wrong = dict(defect.partition(":")[::2] for defect in defects)
    if unknown := wrong.keys() - DEFECTS:
        raise ValueError(f"unknown defects: {sorted(unknown)}")
    codec = _CODECS.get(code_page, f"cp{code_page}")
    own = ["ThisDocument" if host == "word" else "ThisWorkbook", *documents]
    sources = {**dict.fromkeys(own, ""), **macros}
    sorts = {module: (kinds or {}).get(module, "document" if module in own else "standard") for module in sources}
    cache = b"" if "purged" in wrong else b"\x01\x16\x01".ljust(cache_size, b"\0")[:cache_size]
    names = Names()
    caches = {one: compiled_module(lines, names, codec) for one, lines in (compiled or {}).items()}
    listed = [] if "hidden-modules" in wrong else list(sorts.items())
    streams = {
        "PROJECT": project_text(name, listed, viewable="unviewable" not in wrong).encode(codec),
        "PROJECTwm": b"".join(_both(module, codec) for module in sources) + bytes(2),
        "VBA/_VBA_PROJECT": names.stream(codec, compiler)
        if caches
        else struct.pack("<HHBH", 0x61CC, 0xFFFF, 0, 0) + bytes(0 if "purged" in wrong else 57),
    }
    records = []
    for module, text in sources.items():
        source = "" if "empty-source" in wrong else attributed(module, sorts[module], host, text)
        packed = spoil(compress(source.encode(codec), literal_only=literal_only), wrong)
        stream = (stream_names or {}).get(module, module)
        before = caches.get(module, cache)
        offset = int(wrong["bad-module-offset"] or _FAR) if "bad-module-offset" in wrong else len(before)
        streams[f"VBA/{stream}"] = before + (b"" if "no-source" in wrong else packed)
        unicode_name = (unicode_names or {}).get(module, module)
        records.append(ModuleRecord(module, unicode_name, stream, offset, sorts[module] == "standard"))
    said = code_page if declared_code_page is None else declared_code_page
    records_of_all = directory(name, records, references, codec=codec, code_page=said)
    if "no-dir" not in wrong:
        streams["VBA/dir"] = _NOISE if "corrupt-dir" in wrong else compress(records_of_all, literal_only=literal_only)
    return streams


def vba_project(
    macros: Mapping[str, str],
    *,
    host: Host = "word",
    streams: Mapping[str, Content] | None = None,
    vba: Mapping[str, Any] | None = None,
    container: Mapping[str, Any] | None = None,
) -> bytes:
    """A ``vbaProject.bin`` as OOXML documents hold it.

    Args:
        macros: source by module name.
        host: ``word`` or ``excel``.
        streams: further streams by path.
        vba: further arguments of `vba_streams`.
        container: further arguments of `compound_file`.

    Raises:
        ValueError: as those two.
    """
    project = vba_streams(macros, host=host, **(vba or {}))
    return compound_file({**project, **(streams or {})}, **(container or {}))


def _both(name: str, codec: str) -> bytes:
    return name.encode(codec) + b"\0" + name.encode("utf-16-le") + bytes(2)
