"""The ciphers of Office encryption, by PyCryptodome, which is imported when the first encrypted document comes."""


def decrypt_cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES in CBC mode; `data` is a whole number of 16-byte blocks."""
    from Cryptodome.Cipher import AES

    return AES.new(key, AES.MODE_CBC, iv).decrypt(data)


def decrypt_ecb(key: bytes, data: bytes) -> bytes:
    """AES in ECB mode; `data` is a whole number of 16-byte blocks."""
    from Cryptodome.Cipher import AES

    return AES.new(key, AES.MODE_ECB).decrypt(data)  # reads what Office 2007 wrote


def rc4(key: bytes, data: bytes) -> bytes:
    """RC4 from the beginning of its key stream, both ways."""
    from Cryptodome.Cipher import ARC4

    return ARC4.new(key).encrypt(data)  # reads what Office 97 to 2003 wrote


def xor(data: bytes, stream: bytes) -> bytes:
    """Each byte combined with that of a stream of the same length."""
    return (int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(data), "little")
