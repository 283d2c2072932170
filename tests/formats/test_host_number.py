"""Hosts that are numbers in disguise."""

import pytest

from emotriage.formats.host_number import in_plain_numbers


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://0xc6336407/a.html", "http://198.51.100.7/a.html"),
        ("http://0306.063.0144.07", "http://198.51.100.7"),
        ("https://3325256711:8080/?a", "https://198.51.100.7:8080/?a"),
        ("http://198.0x336407/", "http://198.51.100.7/"),
        ("http://user@0xC6.51.0144.7/", "http://user@198.51.100.7/"),
        ("http://198.51.100.7/", ""),
        ("http://cafe.invalid/", ""),
        ("http://4294967296/", ""),
        ("http://1.2.3.4.5/", ""),
        ("http://256.1.1.1/", ""),
        ("http://0x/", "http://0.0.0.0/"),
        ("http://face/", ""),
        ("no address", ""),
    ],
)
def test_hosts_in_plain_numbers(url, plain):
    assert in_plain_numbers(url) == plain
