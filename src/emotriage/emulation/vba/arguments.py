"""Arguments that are passed by name, put where the function expects them."""

from emotriage.emulation.vba.values import Named, Value

_ORDERS = {
    "shell": ("pathname", "windowstyle"),
    "replace": ("expression", "find", "replace", "start", "count", "compare"),
    "split": ("expression", "delimiter", "limit", "compare"),
    "join": ("sourcearray", "delimiter"),
    "mid": ("string", "start", "length"),
    "left": ("string", "length"),
    "right": ("string", "length"),
    "strconv": ("string", "conversion"),
    "createobject": ("class", "servername"),
    "getobject": ("pathname", "class"),
    "callbyname": ("object", "procname", "calltype", "args"),
    "run": ("command", "windowstyle", "waitonreturn"),
    "shellexecute": ("file", "varguments", "vdir", "voperation", "vshow"),
    "savetofile": ("filename", "options"),
    "ontime": ("earliesttime", "procedure"),
    "chr": ("charcode",),
    "environ": ("expression",),
    "iif": ("expression", "truepart", "falsepart"),
    "open": ("filename",),
}
_FIRST = {"open": "bstrmethod", "run": "macroname", "createobject": "class", "ontime": "when"}


def ordered(name: str, args: "list[Value | Named]") -> list[Value]:
    """Arguments by position, whatever was passed by name; names that are not known count as the next one."""
    if Named not in map(type, args):
        return list(args)  # type: ignore[arg-type]  # so there is none in it
    order = _ORDERS.get(name, ())
    found: dict[int, Value] = {}
    for index, one in enumerate(args):
        if isinstance(one, Named):
            place = order.index(one.name) if one.name in order else 0 if _FIRST.get(name) == one.name else index
            found[place] = one.value
        else:
            found[index] = one
    return [found.get(index) for index in range(max(found, default=-1) + 1)]
