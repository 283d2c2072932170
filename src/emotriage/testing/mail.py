"""Mail messages (RFC 5322, RFC 2045) as mailers of this country and others write them; the same bytes every time."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

NameStyle = Literal["plain", "rfc2231", "rfc2231-parts", "rfc2047", "raw"]

_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "eml": "message/rfc822",
    "ics": "text/calendar; method=REQUEST",
    "p7s": "application/pkcs7-signature",
    "pdf": "application/pdf",
    "png": "image/png",
    "txt": "text/plain",
    "vcf": "text/vcard",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_LINE = 76


def mail(
    text: str = "Please find the dates enclosed.\n",
    *,
    html: str = "",
    attach: Mapping[str, bytes] | None = None,
    inline: Mapping[str, bytes] | None = None,
    subject: str = "Delivery dates",
    sender: str = "Jo Doe <jo@example.invalid>",
    recipient: str = "office@example.invalid",
    date: str = "Tue, 02 Mar 2021 09:00:00 +0900",
    charset: str = "utf-8",
    encoding: str = "base64",
    text_encoding: str = "",
    names: NameStyle = "rfc2231",
    types: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
    preamble: str = "",
    epilogue: str = "",
    newline: str = "\r\n",
) -> bytes:
    r"""A mail with a text body, and whatever else is asked for.

    Args:
        text: of the plain body; none when it is empty and there is another part.
        html: of the HTML alternative.
        attach: attachments by name.
        inline: pictures that the HTML body shows, by name; their Content-ID is the name.
        subject: a text in `charset`, as encoded words.
        sender: the From field as it stands.
        recipient: the To field as it stands.
        date: the Date field as it stands.
        charset: of subject, bodies and names. ``iso-2022-jp`` spells characters of NEC and IBM as mailers do.
        encoding: of attachments: ``base64``, ``quoted-printable``, ``x-uuencode``, or any other for bytes as they are.
        text_encoding: of bodies; by default ``7bit`` for ISO-2022-JP and ASCII, else ``base64``.
        names: how names of attachments are spelled.
        types: content types by name, instead of those of the extensions.
        fields: further header fields.
        preamble: before the first boundary.
        epilogue: behind the last one.
        newline: line ends of header and structure.
    """
    spelled = (names, charset)
    bodies = [_body("plain", text, charset, text_encoding)] if text or not (html or attach or inline) else []
    if html:
        page = _body("html", html, charset, text_encoding)
        if inline:
            pictures = [_file(name, data, "base64", spelled, shown=True) for name, data in inline.items()]
            page = _multipart("related", [page, *pictures])
        bodies.append(page)
    elif inline:
        bodies += [_file(name, data, "base64", spelled, shown=True) for name, data in inline.items()]
    whole = bodies[0] if len(bodies) == 1 else _multipart("alternative" if html else "mixed", bodies)
    if attach:
        files = [_file(name, data, encoding, spelled, (types or {}).get(name, "")) for name, data in attach.items()]
        whole = _multipart("mixed", [whole, *files], preamble, epilogue)
    head = {"From": sender, "To": recipient, "Subject": _words(subject, charset), "Date": date}
    head |= {"Message-ID": f"<{_tag(whole)}@example.invalid>", "MIME-Version": "1.0", **(fields or {})}
    lines = "".join(f"{name}: {value}\n" for name, value in head.items()).encode("utf-8", "surrogateescape")
    return _joined(lines + whole, newline.encode())


def encoded(text: str, charset: str) -> bytes:
    """Text in a charset; ISO-2022-JP with the rows of NEC and IBM, through code page 932."""
    if charset.lower() != "iso-2022-jp":
        return text.encode(charset, "replace")
    out = bytearray()
    mode = ""
    for one in text:
        data = one.encode("cp932", "replace")
        wanted = "$B" if len(data) == 2 else "(I" if data >= b"\x80" else ""
        if wanted != mode:
            out += b"\x1b" + (wanted or "(B").encode()
            mode = wanted
        out += _jis(data) if mode == "$B" else bytes([data[0] & 0x7F])
    return bytes(out + b"\x1b(B") if mode else bytes(out)


def _jis(pair: bytes) -> bytes:
    lead = pair[0] - (0xC1 if pair[0] >= 0xE0 else 0x81)
    trail = pair[1] - (1 if pair[1] > 0x7F else 0)
    upper = trail >= 0x9E
    return bytes([0x21 + 2 * lead + upper, trail - (0x7D if upper else 0x1F)])


def _body(kind: str, text: str, charset: str, encoding: str) -> bytes:
    data = encoded(text, charset)
    plain = data.isascii() and max(map(len, data.split(b"\n"))) <= 998
    encoding = encoding or ("7bit" if plain else "base64")
    head = f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    return head.encode() + _transferred(data, encoding)


def _file(
    name: str, data: bytes, encoding: str, spelled: tuple[NameStyle, str], kind: str = "", *, shown: bool = False
) -> bytes:
    style, charset = spelled
    kind = kind or _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    how = "inline" if shown else "attachment"
    head = f"Content-Type: {kind}".encode() + _name("name", name, style, charset)
    head += f"\nContent-Disposition: {how}".encode() + _name("filename", name, style, charset)
    if shown:
        head += f"\nContent-ID: <{name}>".encode()
    return head + f"\nContent-Transfer-Encoding: {encoding}\n\n".encode() + _transferred(data, encoding, name) + b"\n"


def _name(key: str, name: str, style: NameStyle, charset: str) -> bytes:
    if style == "raw":
        return f';\n {key}="'.encode() + encoded(name, charset) + b'"'
    if name.isascii() or style == "plain":
        return f';\n {key}="{name}"'.encode()
    if style == "rfc2047":
        return f';\n {key}="{_words(name, charset)}"'.encode()
    spelled = "".join(f"%{byte:02X}" for byte in encoded(name, charset))
    if style == "rfc2231":
        return f";\n {key}*={charset}''{spelled}".encode()
    pieces = [spelled[at : at + 60] for at in range(0, len(spelled), 60)]
    pieces[0] = f"{charset}''{pieces[0]}"
    return "".join(f";\n {key}*{number}*={piece}" for number, piece in enumerate(pieces)).encode()


def _words(text: str, charset: str) -> str:
    if text.isascii():
        return text
    pieces = [text[at : at + 12] for at in range(0, len(text), 12)]
    return "\n ".join(f"=?{charset}?B?{base64.b64encode(encoded(one, charset)).decode()}?=" for one in pieces)


def _multipart(kind: str, parts: Sequence[bytes], preamble: str = "", epilogue: str = "") -> bytes:
    mark = f"=_{_tag(b''.join(parts))}"
    body = "".join(f"{preamble}\n" if preamble else "").encode()
    for part in parts:
        body += f"--{mark}\n".encode() + part + (b"" if part.endswith(b"\n") else b"\n")
    return (
        f'Content-Type: multipart/{kind};\n boundary="{mark}"\n\n'.encode() + body + f"--{mark}--\n{epilogue}".encode()
    )


def _transferred(data: bytes, encoding: str, name: str = "body") -> bytes:
    if encoding == "base64":
        letters = base64.b64encode(data)
        return b"".join(letters[at : at + _LINE] + b"\n" for at in range(0, len(letters), _LINE))
    if encoding == "quoted-printable":
        return binascii.b2a_qp(data)
    if encoding == "x-uuencode":
        lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
        return f"begin 644 {name}\n".encode() + lines + b"`\nend\n"
    return data


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _joined(data: bytes, newline: bytes) -> bytes:
    """The mail with its line ends; those of binary parts are changed too, as on the way they would be."""
    return data if newline == b"\n" else data.replace(b"\r\n", b"\n").replace(b"\n", newline)
