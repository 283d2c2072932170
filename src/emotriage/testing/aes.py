"""AES in plain Python (FIPS 197), so that samples can be encrypted: slow, and the same everywhere."""


def encrypt_ecb(key: bytes, data: bytes) -> bytes:
    """Each block by itself; `data` is filled up with zeros to whole blocks."""
    schedule = key_schedule(key)
    return b"".join(encrypt_block(schedule, data[at : at + 16].ljust(16, b"\0")) for at in range(0, len(data), 16))


def encrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Each block chained to the one before; `data` is filled up with zeros to whole blocks."""
    schedule, out = key_schedule(key), [iv]
    for at in range(0, len(data), 16):
        block = data[at : at + 16].ljust(16, b"\0")
        out.append(encrypt_block(schedule, bytes(a ^ b for a, b in zip(block, out[-1], strict=True))))
    return b"".join(out[1:])


def _double(byte: int) -> int:
    return (byte << 1 ^ (0x1B if byte & 0x80 else 0)) & 0xFF


def _substitutions() -> bytes:
    """The S-box: inverses in GF(2**8), found by walking the powers of 3, and an affine map."""
    box = bytearray(256)
    power = inverse = 1
    while True:
        power ^= _double(power)
        for shift in (1, 2, 4):
            inverse ^= inverse << shift & 0xFF
        inverse ^= 0x09 if inverse & 0x80 else 0
        mapped = inverse
        for turn in (1, 2, 3, 4):
            mapped ^= (inverse << turn | inverse >> 8 - turn) & 0xFF
        box[power] = mapped ^ 0x63
        if power == 1:
            break
    box[0] = 0x63
    return bytes(box)


_BOX = _substitutions()
_DOUBLE = bytes(_double(byte) for byte in range(256))
_SHIFTED = (0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11)


def key_schedule(key: bytes) -> list[bytes]:
    """The round keys of a key of 16, 24 or 32 bytes."""
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    count, constant = len(words), 1
    while len(words) < 4 * (count + 7):
        word = words[-1]
        if len(words) % count == 0:
            word = (word[1:] + word[:1]).translate(_BOX)
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif count > 6 and len(words) % count == 4:
            word = word.translate(_BOX)
        words.append(bytes(a ^ b for a, b in zip(words[-count], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def encrypt_block(schedule: list[bytes], block: bytes) -> bytes:
    """One block of 16 bytes, encrypted."""
    state = bytes(a ^ b for a, b in zip(block, schedule[0], strict=True))
    for turn, key in enumerate(schedule[1:], 1):
        state = state.translate(_BOX)
        state = bytes(state[at] for at in _SHIFTED)
        if turn < len(schedule) - 1:
            state = b"".join(_mixed(state[at : at + 4]) for at in range(0, 16, 4))
        state = bytes(a ^ b for a, b in zip(state, key, strict=True))
    return state


def _mixed(column: bytes) -> bytes:
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return bytes(column[i] ^ every ^ _DOUBLE[column[i] ^ column[(i + 1) % 4]] for i in range(4))
