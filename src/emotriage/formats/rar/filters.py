"""What RAR does to content before it packs it, undone: call targets, differences, pictures, sound."""

from collections.abc import Iterator

_SPACE = 1 << 24
_WORD = 1 << 32


def x86(data: bytes, at: int, *, jumps: bool, wrap: int) -> bytes:
    """Targets of calls, and of jumps where `jumps`, made relative again; places from `at` on count up to `wrap`."""
    out = bytearray(data)
    stop = max(len(out) - 4, 0)
    for place in _marks(data, b"\xe8\xe9" if jumps else b"\xe8", stop):
        here = (place + 1 + at) % wrap
        target = int.from_bytes(out[place + 1 : place + 5], "little")
        if target >= _WORD // 2:
            if (target + here) % _WORD < _WORD // 2:
                out[place + 1 : place + 5] = ((target + _SPACE) % _WORD).to_bytes(4, "little")
        elif target < _SPACE:
            out[place + 1 : place + 5] = ((target - here) % _WORD).to_bytes(4, "little")
    return bytes(out)


def _marks(data: bytes, marks: bytes, stop: int) -> Iterator[int]:
    """Where an operation begins; the four bytes behind one are never another."""
    after = 0
    following = [data.find(one, 0, stop) for one in (marks[at : at + 1] for at in range(len(marks)))]
    while True:
        for number, place in enumerate(following):
            if 0 <= place < after:
                following[number] = data.find(marks[number : number + 1], after, stop)
        ahead = [one for one in following if one >= 0]
        if not ahead:
            return
        yield min(ahead)
        after = min(ahead) + 5


def arm(data: bytes, at: int) -> bytes:
    """Targets of branch-and-link instructions, made relative again."""
    out = bytearray(data)
    for place in range(0, len(out) - 3, 4):
        if out[place + 3] == 0xEB:
            target = int.from_bytes(out[place : place + 3], "little") - (at + place) // 4
            out[place : place + 3] = (target % _SPACE).to_bytes(3, "little")
    return bytes(out)


def delta(data: bytes, channels: int) -> bytes:
    """Differences, one channel behind the other, added up and interleaved."""
    out = bytearray(len(data))
    at = 0
    for channel in range(channels):
        value = 0
        summed = bytearray()
        for byte in data[at : at + len(range(channel, len(data), channels))]:
            value = value - byte & 0xFF
            summed.append(value)
        out[channel::channels] = summed
        at += len(summed)
    return bytes(out)


def picture(data: bytes, width: int, red: int) -> bytes:
    """Three colours, each as the difference to what its neighbours promise (the predictor of PNG)."""
    out = bytearray(len(data))
    source = iter(data)
    for colour in range(3):
        left = 0
        for place in range(colour, len(data), 3):
            if (above := place - width) >= 3:
                up, corner = out[above], out[above - 3]
                promise = left + up - corner
                by_left, by_up, by_corner = abs(promise - left), abs(promise - up), abs(promise - corner)
                if by_left > by_up or by_left > by_corner:
                    left = up if by_up <= by_corner else corner
            left = left - next(source) & 0xFF
            out[place] = left
    for place in range(red, len(data) - 2, 3):
        green = out[place + 1]
        out[place] = out[place] + green & 0xFF
        out[place + 2] = out[place + 2] + green & 0xFF
    return bytes(out)


def sound(data: bytes, channels: int) -> bytes:
    """Samples, each as the difference to what three weights that learn make of those before it."""
    out = bytearray(len(data))
    source = iter(data)
    for channel in range(channels):
        value = change = first = second = 0
        weights = [0, 0, 0]
        errors = [0] * 7
        for count, place in enumerate(range(channel, len(data), channels)):
            third, second = second, change - first
            first = change
            past = (first, second, third)
            promise = 8 * value + sum(one * weight for one, weight in zip(past, weights, strict=True))
            byte = next(source)
            before, value = value, (promise >> 3) - byte & 0xFF
            out[place] = value
            change = _signed(value - before)
            error = _signed(byte) << 3
            errors[0] += abs(error)
            for number, one in enumerate(past):
                errors[2 * number + 1] += abs(error - one)
                errors[2 * number + 2] += abs(error + one)
            if not count & 31:
                best = errors.index(min(errors))
                errors = [0] * 7
                if best:
                    number, up = divmod(best - 1, 2)
                    weights[number] += (weights[number] < 16) if up else -(weights[number] >= -16)
    return bytes(out)


def _signed(value: int) -> int:
    return (value + 128 & 0xFF) - 128
