"""Instructions of the VBA machine that reach out of their frame: names, calls, members, stores."""

from collections.abc import Callable

from emotriage.emulation.vba.arguments import ordered
from emotriage.emulation.vba.expression import Op
from emotriage.emulation.vba.frame import Frame
from emotriage.emulation.vba.octets import memory_of
from emotriage.emulation.vba.passwords import passwords_in
from emotriage.emulation.vba.running import Running
from emotriage.emulation.vba.steps import item, store_item
from emotriage.emulation.vba.storage import STORAGE
from emotriage.emulation.vba.values import (
    LONGEST,
    UNKNOWN,
    Array,
    Named,
    Thing,
    Unknown,
    Value,
    binary,
    size_of,
    text_of,
    unary,
    whole,
)

_UNKNOWABLE = frozenset({"now", "date", "time", "timer", "rnd", "err", "erl", "freefile", "doevents"})
_OURS = frozenset({"module", "document", "form", "sheet", "instance"})
"""Kinds of objects whose members may be procedures of the project."""
_FORM_EVENTS = ("userform_activate", "userform_initialize")
_FIELDS = 4096


def _name(to: Running, frame: Frame, op: Op) -> None:
    """A bare name that is read, or a procedure without arguments."""
    name = op.what
    if name in frame.variables:
        frame.push(frame.variables[name])
    elif (home := to.linkage.where(name, frame)) is not None:
        frame.push(home[name])
    elif name == "me":
        frame.push(to.linkage.home(frame.module) if frame.me is None else frame.me)
    elif name != frame.code.name and (number := to.linkage.procedure(name, frame)) is not None:
        to.enter(number, [], me=_object(frame))
    else:
        _outside(to, frame, op)


def _outside(to: Running, frame: Frame, op: Op) -> None:
    """A name that is none of a variable or procedure."""
    name = op.what
    module = to.linkage.module(name)
    if module is not None and to.linkage.kind(module) in ("form", "document", "standard"):
        frame.push(to.linkage.home(module))
        if to.linkage.kind(module) == "form":
            _load(to, name, module, _FORM_EVENTS[1:])
    elif name in to.linkage.declares:
        frame.push(to.library(name, [], (frame.module, op.at), (), frame))
    elif (found := to.host.own(frame.me, name)) is not None or (found := to.host.named(name)) is not None:
        frame.push(found)
    elif module is not None:
        frame.push(Thing("module", {"": name}))
    else:
        frame.push(UNKNOWN if name in _UNKNOWABLE else None)


def _object(frame: Frame) -> Thing | None:
    return frame.me if isinstance(frame.me, Thing) and frame.me.kind == "instance" else None


def _load(to: Running, name: str, module: int, events: tuple[str, ...]) -> None:
    """A form is loaded, and perhaps shown: what it does then, once."""
    for event in events:  # the last one runs first
        number = to.linkage.procedure(event, None, module)
        if number is not None and f"{name}.{event}" not in to.linkage.loaded:
            to.linkage.loaded.add(f"{name}.{event}")
            to.enter(number, [], keep=False)


def _call(to: Running, frame: Frame, op: Op) -> None:
    """``name(arguments)``: an item of an array, a procedure, or a function of the library."""
    name, args = op.what, frame.take(op.operand)
    home = to.linkage.where(name, frame)
    number = to.linkage.procedure(name, frame)
    if home is not None and not (name == frame.code.name and number is not None):
        frame.push(item(home[name], _plain(args)))
    elif number is not None:
        to.enter(number, args, me=_object(frame), names=op.names)
    elif name == "callbyname" and len(args) > 1:
        _by_name(to, frame, op, _plain(args))
    elif name == "\0load" and args and isinstance(form := _plain(args)[0], Thing) and form.kind == "form":
        frame.push(0)
    else:
        frame.push(to.library(name, args, (frame.module, op.at), op.names, frame))


def _by_name(to: Running, frame: Frame, op: Op, args: list[Value]) -> None:
    """``CallByName``: a property that is read or set, or a method."""
    method = text_of(args[1])
    if isinstance(method, Unknown):
        frame.push(UNKNOWN)
    elif len(args) > 2 and args[2] in (4, 8) and isinstance(args[0], Thing):
        to.host.store(args[0], method.lower(), args[-1], (frame.module, op.at))
        frame.push(0)
    else:
        frame.push(args[0])
        for one in args[3:]:
            frame.push(one)
        _invoke(to, frame, op._replace(what=method.lower(), operand=max(len(args) - 3, 0), names=()))


def _plain(args: "list[Value | Named]") -> list[Value]:
    return [one.value if isinstance(one, Named) else one for one in args]


def _invoke(to: Running, frame: Frame, op: Op) -> None:
    """``object.name(arguments)``."""
    name, args, owner = op.what, frame.take(op.operand), frame.pop()
    place = (frame.module, op.at)
    for password in passwords_in(name, args):
        to.host.note("password", password, name, place)
    if not isinstance(owner, Thing):
        frame.push(to.host.invoke(owner, name, ordered(name, args), place))
        return
    if owner.kind in _OURS and (number := _method(to, owner, name, "get")) is not None:
        to.enter(number, args, me=owner if owner.kind == "instance" else None, names=op.names)
    elif owner.kind == "form" and name == "show":
        frame.push(0)
        module = to.linkage.module(str(owner.fields.get("", "")))
        if module is not None:
            _load(to, str(owner.fields[""]), module, _FORM_EVENTS)
    elif owner.kind in ("library", "module") or (owner.kind.endswith(".application") and name in ("run", "ontime")):
        _of_library(to, frame, op, args)
    elif isinstance(held := owner.fields.get(name), Array):
        frame.push(item(held, _plain(args)))
    else:
        frame.push(to.host.invoke(owner, name, ordered(name, args), place))


def _of_library(to: Running, frame: Frame, op: Op, args: "list[Value | Named]") -> None:
    """``Application.name(arguments)`` and the like, which may name a procedure of the project."""
    name = op.what
    plain = ordered(name, args)
    if name == "callbyname" and len(plain) > 1:
        _by_name(to, frame, op, plain)
        return
    if name in ("run", "ontime"):
        index = 1 if name == "ontime" else 0
        text = text_of(plain[index]) if index < len(plain) else UNKNOWN
        called = "" if isinstance(text, Unknown) else text.replace("!", ".").rpartition(".")[2].strip("'\" ()").lower()
        if name == "ontime":
            to.linkage.later.append(called)
            frame.push(0)
            return
        if (number := to.linkage.procedure(called, frame)) is not None:
            to.enter(number, list(plain[1:]))
            return
    frame.push(to.library(name, args, (frame.module, op.at), op.names, frame))


def _method(to: Running, owner: Thing, name: str, accessor: str) -> int | None:
    """The procedure of the project that is a method of an object."""
    module = to.linkage.module(str(owner.fields.get("", "")))
    if module is None and owner.kind == "document":
        return to.linkage.procedure(name, None, None, accessor)
    return None if module is None else to.linkage.procedure(name, None, module, accessor)


def _member(to: Running, frame: Frame, op: Op) -> None:
    """``object.name``: a property, or a method without arguments."""
    name, owner = op.what, frame.pop()
    place = (frame.module, op.at)
    if not isinstance(owner, Thing):
        frame.push(to.host.member(owner, name, place))
    elif owner.kind == "library":
        if (known := to.host.country(name, [])) is not None:
            frame.push(known)
        else:
            _name(to, frame, op)
    elif owner.kind == "form" and name == "show":
        frame.push(owner)
        _invoke(to, frame, op)
    elif owner.kind in _OURS and name not in owner.fields:
        _own_member(to, frame, owner, op)
    else:
        frame.push(to.host.member(owner, name, place))


def _own_member(to: Running, frame: Frame, owner: Thing, op: Op) -> None:
    """A variable, control or procedure of a module or form."""
    name, module = op.what, to.linkage.module(str(owner.fields.get("", "")))
    if module is not None and owner.kind != "instance" and name in to.linkage.variables(module):
        frame.push(to.linkage.variables(module)[name])
        return
    if (number := _method(to, owner, name, "get")) is not None:
        to.enter(number, [], me=owner if owner.kind == "instance" else None)
        return
    found = to.host.named(f"{owner.fields.get('', '')}.{name}")
    frame.push(to.host.member(owner, name, (frame.module, op.at)) if found is None else found)


def _store(to: Running, frame: Frame, op: Op) -> None:
    """``name = value``."""
    value, name = frame.pop(), op.what
    home = frame.variables if name in frame.variables else to.linkage.where(name, frame)
    if home is None and name != frame.code.name:
        number = to.linkage.procedure(name, frame, frame.module, "let")
        if number is not None and to.linkage.procedure(name, frame, frame.module, "none") != number:
            to.enter(number, [value], keep=False, me=_object(frame))
            return
    target = home[name] if home is not None else to.host.named(name)
    if isinstance(target, Thing) and target.kind in ("control", "cell") and not isinstance(value, Thing):
        to.host.store(target, "value", value, (frame.module, op.at))
    elif isinstance(target, Array) and target.octets and isinstance(value, str) and home is not None:
        home[name] = made = memory_of(value)
        to.meter.steps += size_of(made)
    else:
        (frame.variables if home is None else home)[name] = value


def _store_item(to: Running, frame: Frame, op: Op) -> None:
    """``name(index) = value``."""
    value, args, name = frame.pop(), frame.values(op.operand), op.what
    home = to.linkage.where(name, frame)
    if home is None:
        if isinstance(found := to.library(name, list(args), (frame.module, op.at), (), frame), Thing):
            to.host.store(found, "value", value, (frame.module, op.at))
            return
        home = frame.variables
    if not isinstance(home.get(name), Array | Thing):
        home[name] = Array()
    store_item(home[name], args, value)


def _store_part(to: Running, frame: Frame, op: Op) -> None:
    """``Mid(name, start, length) = value``."""
    value, length, start = text_of(frame.pop()), whole(frame.pop()), whole(frame.pop())
    home = to.linkage.where(op.what, frame) or frame.variables
    text = text_of(home.get(op.what))
    if isinstance(text, Unknown) or isinstance(value, Unknown) or isinstance(start, Unknown):
        return
    size = min(LONGEST if isinstance(length, Unknown) else length, len(value), len(text) - start + 1)
    if start > 0 and size > 0:
        to.meter.steps += size_of(text)
        home[op.what] = text[: start - 1] + value[:size] + text[start - 1 + size :]


def _store_member(to: Running, frame: Frame, op: Op) -> None:
    """``object.name = value``."""
    value, owner = frame.pop(), frame.pop()
    if not isinstance(owner, Thing):
        return
    if owner.kind in _OURS and (number := _method(to, owner, op.what, "let")) is not None:
        to.enter(number, [value], keep=False, me=owner if owner.kind == "instance" else None)
        return
    module = to.linkage.module(str(owner.fields.get("", ""))) if owner.kind in ("module", "form") else None
    if module is not None and (owner.kind == "module" or op.what in to.linkage.variables(module)):
        to.linkage.variables(module)[op.what] = value
    else:
        to.host.store(owner, op.what, value, (frame.module, op.at))


def _store_invoke(to: Running, frame: Frame, op: Op) -> None:
    """``object.name(index) = value``."""
    value, args, owner = frame.pop(), frame.values(op.operand), frame.pop()
    if not isinstance(owner, Thing) or not args:
        return
    held = owner.fields.get(op.what)
    if isinstance(held, Array):
        store_item(held, args, value)
    elif op.what == "item":
        store_item(owner, args, value)
    elif owner.kind == "record":
        owner.fields[op.what] = made = Array()
        store_item(made, args, value)
    elif isinstance(target := to.host.invoke(owner, op.what, args, (frame.module, op.at)), Thing):
        to.host.store(target, "value", value, (frame.module, op.at))
        if len(owner.fields) < _FIELDS:
            owner.fields[f"\0{op.what} {text_of(args[0])}".lower()] = value


def _binary(to: Running, frame: Frame, op: Op) -> None:
    """Apply an operator."""
    right, left = frame.pop(), frame.pop()
    if type(left) is Array or type(right) is Array:
        to.meter.steps += size_of(left) + size_of(right)
    result = binary(op.what, left, right)
    if isinstance(result, str):
        to.meter.steps += len(result) >> 13
        if len(result) >= LONGEST:
            to.cut = True
    frame.push(result)


def _new(to: Running, frame: Frame, op: Op) -> None:
    """``New class``: one of the project's is made ready by its own procedure."""
    module = to.linkage.module(op.what)
    if module is None or to.linkage.kind(module) not in ("class", "form", "document"):
        frame.push(to.host.created(op.what, "New", (frame.module, op.at)))
        return
    if to.linkage.kind(module) == "form":
        frame.push(to.linkage.home(module))
        _load(to, op.what, module, _FORM_EVENTS[1:])
        return
    made = Thing("instance", {**to.linkage.variables(module), "": op.what})
    frame.push(made)
    if (number := to.linkage.procedure("class_initialize", None, module)) is not None:
        to.enter(number, [], keep=False, me=made)


def _unary(_: Running, frame: Frame, op: Op) -> None:
    """``-``, ``+``, ``Not``."""
    frame.push(unary(op.what, frame.pop()))


OPERATIONS: dict[str, Callable[[Running, Frame, Op], None]] = {
    "name": _name,
    "member": _member,
    "call": _call,
    "invoke": _invoke,
    "new": _new,
    "binary": _binary,
    "unary": _unary,
    "store": _store,
    "store-item": _store_item,
    "store-part": _store_part,
    "store-member": _store_member,
    "store-invoke": _store_invoke,
    **STORAGE,
}
