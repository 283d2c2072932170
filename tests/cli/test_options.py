"""What the options of `scan` and the `doctor` say to people."""

import json

import pytest

from emotriage import Limits, Policy, scan
from emotriage.cli import main
from emotriage.commands.password_list import caller_passwords
from emotriage.model.errors import UsageError
from emotriage.testing import archive


@pytest.fixture
def locked(tmp_path):
    (tmp_path / "a.zip").write_bytes(archive(files={"a.txt": b"hello" * 50}, password="hunter2"))
    return str(tmp_path / "a.zip")


def _scan(capsys, *arguments):
    code = main(["scan", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_password_opens_and_is_never_shown(locked, tmp_path, capsys):
    assert _scan(capsys, locked)[0] == 10
    (tmp_path / "list").write_text("wrong\n\nhunter2\n")
    for given in (["--password", "wrong", "--password", "hunter2"], ["--passwords-from", str(tmp_path / "list")]):
        for form in ("text", "json"):
            code, out, err = _scan(capsys, "--show-passwords", "--format", form, *given, locked)
            assert code == 0
            assert "hunter2" not in out + err
            assert "caller" in out


def test_passwords_found_in_a_name_are_shown_on_demand(locked, tmp_path, capsys):
    (tmp_path / "a.zip").rename(tmp_path / "hunter2.zip")
    path = str(tmp_path / "hunter2.zip")
    for form in ("text", "jsonl"):
        code, out, _ = _scan(capsys, "--format", form, path)
        assert code == 0
        assert "hunter2" not in out.replace(path, "")
        _, out, _ = _scan(capsys, "--show-passwords", "--format", form, path)
        assert "hunter2" in out.replace(path, "")
    assert json.loads(_scan(capsys, "--show-passwords", "--format", "json", path)[1])["passwords"] == [
        {"artifact": 0, "source": "file-name", "value": "hunter2"}
    ]


def test_password_files(tmp_path):
    path = tmp_path / "list"
    for raw, expected in (
        ("\ufeffa\r\n b \r\n\r\n   \r\na\r\nc".encode(), ("first", "a", " b ", "c")),
        ("パスワード\n表示\n".encode("cp932"), ("first", "パスワード", "表示")),
        ("パスワード\n".encode(), ("first", "パスワード")),
        (b"", ("first",)),
    ):
        path.write_bytes(raw)
        assert caller_passwords(["first"], [str(path)]) == expected
    assert caller_passwords(["\udc83p\udc83X"], []) == ("パス",)  # a terminal's bytes that are no UTF-8


@pytest.mark.parametrize(
    ("content", "says"), [(b"\xff\x81", "neither UTF-8"), (b"a\n" * (1 << 20), "1 MiB"), (None, "No such file")]
)
def test_password_files_that_are_none(locked, tmp_path, capsys, content, says):
    if content is not None:
        (tmp_path / "list").write_bytes(content)
    code, out, err = _scan(capsys, "--passwords-from", str(tmp_path / "list"), locked)
    assert (code, out, len(err.splitlines())) == (64, "", 1)
    assert says in err


def test_standard_input_holds_no_passwords(locked, capsys):
    assert _scan(capsys, "--passwords-from", "-", locked)[0] == 64
    with pytest.raises(UsageError):
        caller_passwords([], ["-"])


def test_more_passwords_than_are_tried_is_a_mistake(locked, tmp_path, capsys):
    (tmp_path / "list").write_text("".join(f"wrong{number}\n" for number in range(70)) + "hunter2\n")
    code, _, err = _scan(capsys, "--passwords-from", str(tmp_path / "list"), locked)
    assert code == 64
    assert "limit passwords" in err
    (tmp_path / "limits.toml").write_text("passwords = 100\n")
    arguments = ["--passwords-from", str(tmp_path / "list"), "--limits", str(tmp_path / "limits.toml"), locked]
    assert _scan(capsys, *arguments)[0] == 0


def test_limits_and_policy_stand_in_the_verdict(locked, tmp_path, capsys):
    (tmp_path / "limits.toml").write_text("children = 7\nseconds = 20\n")
    (tmp_path / "policy.toml").write_text('name = "gateway"\n[rules]\n"zip.encrypted-member" = "high"\n')
    files = ["--limits", str(tmp_path / "limits.toml"), "--policy", str(tmp_path / "policy.toml")]
    code, out, _ = _scan(capsys, "--format", "json", *files, locked)
    assert code == 20
    limits, policy = Limits(children=7, seconds=20), Policy.load(tmp_path / "policy.toml")
    assert out == scan(locked, limits=limits, policy=policy).to_json() + "\n"
    assert json.loads(out)["policy"] == {"name": "gateway", "sha256": policy.sha256}


def test_standard_input_keeps_to_the_limits_that_were_given(tmp_path, monkeypatch, capsys):
    import io
    import sys

    (tmp_path / "limits.toml").write_text("input_bytes = 1000\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 5000)))
    code, out, _ = _scan(capsys, "--format", "json", "--limits", str(tmp_path / "limits.toml"), "-")
    assert code == 10
    assert json.loads(out)["size"] == 1001
    assert _scan(capsys, "-", "-")[0] == 64


@pytest.mark.parametrize("arguments", [["--passwords", "x"], ["--show"], ["--form", "json"], ["--password"]])
def test_options_are_spelled_out(locked, capsys, arguments):
    with pytest.raises(SystemExit) as stop:
        main(["scan", *arguments, locked])
    assert stop.value.code == 64
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_doctor(tmp_path, capsys, monkeypatch):
    from emotriage import doctor

    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "All that is essential works." in said
    missing = doctor.Library("no_such_module", "no-such-package", "something is slow")
    monkeypatch.setattr(doctor, "LIBRARIES", (*doctor.LIBRARIES, missing))
    assert main(["doctor", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    checks = {(one["group"], one["name"]): one for one in report["checks"]}
    assert report["fit"]
    assert report["limits"] == Limits().to_dict()
    assert report["policy"]["sha256"] == Policy.default().sha256
    assert checks["library", "no-such-package"]["note"] == "something is slow"
    assert not checks["library", "no-such-package"]["works"]
    assert {"process", "memory", "limits"} <= {name for group, name in checks if group == "isolation"}


def test_the_doctor_says_what_is_essential(monkeypatch, capsys):
    from emotriage import doctor
    from emotriage.confine import Layer

    monkeypatch.setattr(doctor, "layers", lambda: (Layer("process", False, "no worker could be started: \x1b[2J"),))
    assert main(["doctor"]) == 10
    said = capsys.readouterr().out
    assert "FAILED  process" in said
    assert "Do not scan here" in said
    assert "\x1b" not in said
    monkeypatch.setattr(doctor, "layers", lambda: (Layer("system-calls", False, "not here"),))
    assert main(["doctor"]) == 0
    assert "missing system-calls" in capsys.readouterr().out


def test_the_doctor_looks_for_room(monkeypatch, capsys):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "free")  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(1 << 20))
    assert main(["doctor"]) == 10
    assert "1 MiB free" in capsys.readouterr().out
