"""Writer of Windows shortcuts: real [MS-SHLLINK] bytes, with one defect where a test wants one."""

import struct
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

Show = Literal["normal", "maximized", "minimized"]
Defect = Literal[
    "",
    "clsid",
    "item-size-zero",
    "item-past-list",
    "list-past-end",
    "link-info-offsets",
    "link-info-size",
    "string-past-end",
    "block-past-end",
    "block-size-three",
    "no-terminal-block",
]

_SHOW = {"normal": 1, "maximized": 3, "minimized": 7}
_CLSID = UUID("00021401-0000-0000-c000-000000000046").bytes_le
_COMPUTER = UUID("20d04fe0-3aea-1069-a2d8-08002b30309d").bytes_le
_NETWORK = UUID("208d2c60-3aea-1069-a2d7-08002b30309d").bytes_le
_FILETIME = 132_539_328_000_000_000  # 2021-01-01 00:00:00 UTC
_FAT_TIME = 0x5221  # 2021-01-01, date half; midnight

_HAS_ID_LIST, _HAS_LINK_INFO, _HAS_NAME, _HAS_RELATIVE_PATH = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_HAS_WORKING_DIR, _HAS_ARGUMENTS, _HAS_ICON, _UNICODE = 1 << 4, 1 << 5, 1 << 6, 1 << 7
_HAS_EXP_STRING, _RUN_AS_USER, _HAS_EXP_ICON, _PREFER_ENVIRONMENT = 1 << 9, 1 << 13, 1 << 14, 1 << 25


def shortcut(
    target: str = r"C:\Windows\System32\emotriage-inert.exe",
    arguments: str = "",
    *,
    icon: str = "",
    icon_index: int = 0,
    show: Show | int = "normal",
    working_dir: str = "",
    description: str = "",
    relative_path: str = "",
    hotkey: int = 0,
    run_as_user: bool = False,
    target_size: int = 4096,
    id_list: str | None = None,
    items: Sequence[bytes] = (),
    link_info: str | None = None,
    link_info_unicode: bool = False,
    environment: str = "",
    environment_ansi: str | None = None,
    prefer_environment: bool = False,
    icon_environment: str = "",
    icon_environment_ansi: str | None = None,
    machine: str = "",
    mac: str = "02005e000001",
    blocks: Sequence[bytes] = (),
    overlay: bytes = b"",
    unicode: bool = True,
    code_page: str = "cp1252",
    file_time: int = _FILETIME,
    defect: Defect = "",
) -> bytes:
    r"""A shortcut as Explorer writes it.

    Args:
        target: what it opens: a path with a drive letter, or ``\\server\share\...``; "" for none.
        arguments: command line behind the target.
        icon: icon location.
        icon_index: which icon of that file.
        show: how the window opens, by name or as the header's number.
        working_dir: where it starts.
        description: the comment, NAME_STRING of the specification.
        relative_path: the target as seen from the shortcut.
        hotkey: the header's 16 bits: key code, then modifiers.
        run_as_user: asks for the administrator.
        target_size: size of the target that the header claims.
        id_list: target of the item list alone, where it disagrees; "" leaves the list out.
        items: shell items, each without its size, that take the place of those for the target.
        link_info: target of LinkInfo alone, where it disagrees; "" leaves LinkInfo out.
        link_info_unicode: LinkInfo also has the Unicode paths.
        environment: target with variables, as in ``%SystemRoot%\...`` (block 0xA0000001).
        environment_ansi: that block's ANSI half, where it disagrees.
        prefer_environment: the flag that puts the block before the item list.
        icon_environment: icon with variables (block 0xA0000007).
        icon_environment_ansi: that block's ANSI half, where it disagrees.
        machine: name of the machine it was made on, at most 15 ASCII letters (tracker block 0xA0000003).
        mac: 12 hexadecimal digits, the network card in the tracker's ids.
        blocks: further extra data blocks, each complete with size and signature.
        overlay: what lies behind the terminal block.
        unicode: strings are UTF-16, and not in `code_page`.
        code_page: of all ANSI strings; what it can't spell becomes ``?``.
        file_time: the three times of the header, as a FILETIME.
        defect: one departure from the specification, by name.
    """
    listed = _items(target if id_list is None else id_list, target_size, code_page) if not items else list(items)
    located = target if link_info is None else link_info
    flags = _UNICODE if unicode else 0
    body = []
    if listed:
        flags |= _HAS_ID_LIST
        body.append(_id_list(listed, defect))
    if located:
        flags |= _HAS_LINK_INFO
        body.append(_link_info(located, code_page, with_unicode=link_info_unicode, defect=defect))
    strings = (
        (_HAS_NAME, description),
        (_HAS_RELATIVE_PATH, relative_path),
        (_HAS_WORKING_DIR, working_dir),
        (_HAS_ARGUMENTS, arguments),
        (_HAS_ICON, icon),
    )
    for flag, string in strings:
        if string:
            flags |= flag
            body.append(_string(string, code_page, unicode=unicode))
    if defect == "string-past-end":
        flags |= _HAS_ICON
        body.append(struct.pack("<H", 0x7FFF) + b"C:")
    if environment or environment_ansi:
        flags |= _HAS_EXP_STRING | (_PREFER_ENVIRONMENT if prefer_environment else 0)
        body.append(_path_block(0xA0000001, environment, environment_ansi, code_page))
    if icon_environment or icon_environment_ansi:
        flags |= _HAS_EXP_ICON
        body.append(_path_block(0xA0000007, icon_environment, icon_environment_ansi, code_page))
    if machine:
        body.append(_tracker(machine, mac))
    body.extend(blocks)
    body.append(_ending(defect))
    flags |= _RUN_AS_USER if run_as_user else 0
    shown = _SHOW[show] if isinstance(show, str) else show
    clsid = bytes(16) if defect == "clsid" else _CLSID
    times = (file_time, file_time, file_time)
    fixed = struct.pack("<II3QIiIHHII", flags, 0x20, *times, target_size, icon_index, shown, hotkey, 0, 0, 0)
    return b"".join((struct.pack("<I", 0x4C), clsid, fixed, *body, overlay))


def shell_item(kind: int, data: bytes) -> bytes:
    """One shell item without its size, as `shortcut` takes them: the class byte and what follows it."""
    return bytes([kind]) + data


def _items(target: str, size: int, code_page: str) -> list[bytes]:
    """Root, drive or share, folders, file: section 2.2, with the items as Explorer fills them."""
    if not target:
        return []
    if target.startswith("\\\\"):
        parts = target[2:].split("\\")
        share = "\\\\" + "\\".join(parts[:2])
        place = struct.pack("<BBB", 0xC3, 1, 0xC1) + share.encode(code_page, "replace") + b"\0Microsoft Network\0\0"
        found, rest = [shell_item(0x1F, b"\x58" + _NETWORK), place], parts[2:]
    elif target[1:2] == ":":
        drive = shell_item(0x2F, (target[:2] + "\\").encode("ascii", "replace").ljust(22, b"\0"))
        found, rest = [shell_item(0x1F, b"\x50" + _COMPUTER), drive], target[3:].split("\\")
    else:
        found, rest = [], target.split("\\")
    names = [name for name in rest if name]
    for name in names[:-1]:
        found.append(_file_item(name, 0, 0x31, 0x10, code_page))
    if names:
        found.append(_file_item(names[-1], size, 0x32, 0x20, code_page))
    return found


def _file_item(name: str, size: int, kind: int, attributes: int, code_page: str) -> bytes:
    """A folder (0x31) or file (0x32) with the extension block 0xBEEF0004 of Windows XP that holds its long name."""
    short = name.encode(code_page, "replace") + b"\0"
    head = struct.pack("<BBIHHH", kind, 0, size, _FAT_TIME, 0, attributes) + short + bytes(len(short) % 2)
    long = name.encode("utf-16-le", "surrogatepass") + b"\0\0"
    length = 20 + len(long) + 2
    dates = (_FAT_TIME, 0, _FAT_TIME, 0)
    extension = struct.pack("<HHI4HHH", length, 3, 0xBEEF0004, *dates, 0x14, 0) + long
    return head + extension + struct.pack("<H", 2 + len(head))


def _id_list(items: Sequence[bytes], defect: str) -> bytes:
    sizes = [2 + len(item) for item in items]
    if defect == "item-size-zero":
        sizes[0] = 1
    if defect == "item-past-list":
        sizes[-1] += 0x4000
    entries = b"".join(struct.pack("<H", size) + item for size, item in zip(sizes, items, strict=True)) + b"\0\0"
    return struct.pack("<H", 0xFFF0 if defect == "list-past-end" else len(entries)) + entries


def _link_info(path: str, code_page: str, *, with_unicode: bool, defect: str) -> bytes:
    """Section 2.3: a volume and a local path, or a share and what follows it."""
    head = 0x24 if with_unicode else 0x1C
    ansi, wide = path.encode(code_page, "replace") + b"\0", path.encode("utf-16-le", "surrogatepass") + b"\0\0"
    if path.startswith("\\\\"):
        server, _, rest = path[2:].partition("\\")
        share, _, suffix = rest.partition("\\")
        net_name = f"\\\\{server}\\{share}".encode(code_page, "replace") + b"\0"
        place = struct.pack("<5I", 20 + len(net_name), 2, 20, 0, 0x00020000) + net_name
        tail = suffix.encode(code_page, "replace") + b"\0"
        wide_tail = suffix.encode("utf-16-le", "surrogatepass") + b"\0\0"
        offsets = [2, 0, 0, head, head + len(place)]
        parts = [place, tail]
        if with_unicode:
            offsets += [0, head + len(place) + len(tail)]
            parts.append(wide_tail)
    else:
        place = struct.pack("<4I", 17, 3, 0x5EED1234, 16) + b"\0"
        offsets = [1, head, head + len(place), 0, head + len(place) + len(ansi)]
        parts = [place, ansi, b"\0"]
        if with_unicode:
            behind = head + len(place) + len(ansi) + 1
            offsets += [behind, behind + len(wide)]
            parts += [wide, b"\0\0"]
    if defect == "link-info-offsets":
        offsets[1:5] = [0x7FFFFFF0, 0xFFFFFFF0, 0x7FFFFFF0, 0xFFFFFFF0]
    body = struct.pack(f"<I{len(offsets)}I", head, *offsets) + b"".join(parts)
    return struct.pack("<I", 0x7FFFFFFF if defect == "link-info-size" else 4 + len(body)) + body


def _string(value: str, code_page: str, *, unicode: bool) -> bytes:
    """Section 2.4: a count of characters and the characters; no terminating zero."""
    spelled = value.encode("utf-16-le", "surrogatepass") if unicode else value.encode(code_page, "replace")
    return struct.pack("<H", len(spelled) // (2 if unicode else 1)) + spelled


def _path_block(signature: int, path: str, ansi: str | None, code_page: str) -> bytes:
    """Sections 2.5.4 and 2.5.5: 260 bytes of ANSI, 260 characters of Unicode."""
    narrow = (path if ansi is None else ansi).encode(code_page, "replace")[:259].ljust(260, b"\0")
    wide = path.encode("utf-16-le", "surrogatepass")[:518].ljust(520, b"\0")
    return struct.pack("<II", 0x314, signature) + narrow + wide


def _tracker(machine: str, mac: str) -> bytes:
    """Section 2.5.10; the second id of each pair is a time-based UUID that ends in the network card's address."""
    volume = UUID("11111111-2222-4333-8444-555555555555").bytes_le
    file = UUID(f"66666666-7777-1888-8999-{mac}").bytes_le
    name = machine.encode("ascii", "replace")[:15].ljust(16, b"\0")
    return struct.pack("<4I", 0x60, 0xA0000003, 0x58, 0) + name + (volume + file) * 2


def _ending(defect: str) -> bytes:
    """Section 2.5: the terminal block, or what a damaged file has in its place."""
    endings = {
        "block-past-end": struct.pack("<II", 0x7FFFFFF0, 0xA0000005) + bytes(8),
        "block-size-three": struct.pack("<I", 3),
        "no-terminal-block": b"",
    }
    return endings.get(defect, bytes(4))
