"""Do bytes read like x86 machine code that runs wherever it lies? By its usual beginnings, and by what such code asks.

Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, opcode maps (appendix A).
"""

import re

SHORTEST = 64
_LOOKED_AT = 1 << 16
_DIFFERENT = 24
_TEXT = 0.9
_BEGINS = re.compile(
    rb"\x90{0,256}(?:\xfc(?:\xe8|\x48|\xeb|\x33|\x31)"  # cld, then a call, a jump or a cleared register
    rb"|\xe8[\x00-\xff]{2}(?:\x00\x00|\xff\xff)"  # call
    rb"|\xeb[\x02-\x7f]|\xe9[\x00-\xff]{2}(?:\x00\x00|\xff\xff)"  # jump
    rb"|\x55(?:\x8b\xec|\x89\xe5|\x48\x89\xe5|\x48\x8b\xec)|\x40?[\x53-\x57]\x48[\x81\x83\x89\x8b]"  # a frame is set up
    rb"|\x48[\x81\x83\x89\x8b]|[\x31\x33][\xc0-\xff]|\x60\x89\xe5|[\xd9-\xdd][\xc0-\xff]\xd9\x74\x24|[\xb8-\xbf][\x00-\xff]{4}[\xd9-\xdd])"
)
_ASKS = re.compile(
    rb"\x64(?:\x8b[\x00-\x3f]\x30|\xa1\x30\x00\x00\x00|\x8b[\x05-\x3d]\x30\x00\x00\x00)"  # the process, in 32 bits
    rb"|\x65(?:\x48|\x4c)\x8b[\x00-\xff]{1,2}\x60"  # and 64 bits
    rb"|\xd9\x74\x24\xf4|\xe8\x00\x00\x00\x00[\x58-\x5f]"  # where am I
)


def is_machine_code(data: bytes) -> bool:
    """True for what begins, or asks, as such code does, and is neither text nor a few bytes over and over."""
    data = data[:_LOOKED_AT]
    if len(data) < SHORTEST or len(set(data)) < _DIFFERENT:
        return False
    if len(data.translate(None, bytes(range(0x20, 0x7F)) + b"\t\r\n")) < (1 - _TEXT) * len(data):
        return False
    return _BEGINS.match(data) is not None or _ASKS.search(data) is not None
