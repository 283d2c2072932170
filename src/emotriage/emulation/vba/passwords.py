"""Passwords that a macro gives to what it opens or unlocks."""

from collections.abc import Iterator

from emotriage.emulation.vba.values import Named, Partly, Value, text_of

_PLACES = {"open": 4, "opennorepairdialog": 4, "unprotect": 0}
"""Which argument is the password: of Word's and Excel's ``Open`` alike the fifth."""
_LONGEST = 255


def passwords_in(name: str, args: "list[Value | Named]") -> Iterator[str]:
    """Passwords among the arguments of a method, as far as they are known.

    Args:
        name: of the method, in lower case.
        args: by position and by name.
    """
    for index, one in enumerate(args):
        if isinstance(one, Named):
            value = one.value if "password" in one.name else None
        else:
            value = one if index == _PLACES.get(name) else None
        text = text_of(value)
        if isinstance(text, str) and not isinstance(text, Partly) and 0 < len(text) <= _LONGEST:
            yield text
