"""How far a target is."""

import pytest

from emotriage.formats.remote import distance


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("", "local"),
        ("C:\\Templates\\letter.dot", "local"),
        ("Normal.dotm", "local"),
        ("..\\letter.dot", "local"),
        ("file:///C:/Templates/letter.dot", "local"),
        ("file:///C|/Templates/letter.dot", "local"),
        ("file://C:/Templates/letter.dot", "local"),
        ("file:letter.dot", "local"),
        ("file://localhost/share/letter.dot", "local"),
        ("\\\\?\\C:\\letter.dot", "local"),
        ("\\\\127.0.0.1\\share\\letter.dot", "local"),
        ("\\\\server\\share\\letter.dot", "intranet"),
        ("file://server/share/letter.dot", "intranet"),
        ("file:////server/share/letter.dot", "intranet"),
        ("\\\\server.invalid\\share\\letter.dot", "remote"),
        ("\\\\server@SSL\\DavWWWRoot\\letter.dot", "remote"),
        ("//198.51.100.7/share", "remote"),
        ("\\\\3325256704\\x", "remote"),
        ("file://198.51.100.7/x", "remote"),
        ("file:\\\\198.51.100.7\\x", "remote"),
        ("https://host.invalid/x", "remote"),
        ("HTTP:\\\\host.invalid\\x", "remote"),
        (" \thttp://host.invalid/x", "remote"),
        ("http%3a//host.invalid/x", "remote"),
        ("mhtml:https://host.invalid/x!x-usc:https://host.invalid/x", "remote"),
        ("ms-msdt:/id", "remote"),
        ("https\u4e00//host.invalid/x", "remote"),
    ],
)
def test_distance(target, expected):
    assert distance(target) == expected
