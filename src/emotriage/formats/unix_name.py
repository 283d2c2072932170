"""File names as gzip and tar keep them: bytes in an encoding that nobody wrote down."""


def decode_name(raw: bytes) -> str:
    """UTF-8, which other text is never by chance; else code page 932, as Japanese programs write; else Latin-1."""
    for encoding in ("utf-8", "cp932"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
