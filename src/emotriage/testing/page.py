"""HTML pages that carry a file in their text, for scripts that put it together."""

import base64
from collections.abc import Callable


def page(content: str, file: bytes = b"", encoding: str = "base64", key: int = 0) -> bytes:
    """A page in UTF-8.

    Args:
        content: markup; ``{file}`` in it stands for the file.
        file: what the page carries.
        encoding: ``base64``, ``hex``, ``numbers`` with commas between them, or ``percent``.
        key: every byte of the file is under it (exclusive or).
    """
    covered = bytes(one ^ key for one in file)
    spelled: dict[str, Callable[[], str]] = {
        "base64": lambda: base64.b64encode(covered).decode("ascii"),
        "hex": covered.hex,
        "numbers": lambda: ",".join(map(str, covered)),
        "percent": lambda: "".join(f"%{one:02X}" for one in covered),
    }
    return content.replace("{file}", spelled[encoding]()).encode()
