"""The command line keeps its contract: exit codes, formats, order, one clear line for a mistake."""

import json
import os
import subprocess
import sys

import jsonschema
import pytest

from emotriage import scan
from emotriage.cli import main
from emotriage.reports.schema import schema
from emotriage.testing import archive, text


@pytest.fixture
def inbox(tmp_path):
    (tmp_path / "b.txt").write_bytes(text(content="hello"))
    (tmp_path / "a.rtf").write_bytes(b"{\\rtf1 hello")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.zip").write_bytes(archive(files={"x.txt": b"hello"}))
    return tmp_path


def test_jsonl_is_in_byte_order_and_keeps_to_the_schema(inbox, capsys):
    assert main(["scan", "--format", "jsonl", "--jobs", "3", str(inbox)]) == 10
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [os.path.relpath(line["name"], inbox) for line in lines] == ["a.rtf", "b.txt", "sub/c.zip"]
    for line in lines:
        jsonschema.validate(line, schema())


def test_json_is_an_object_for_one_and_an_array_for_several(inbox, capsys):
    assert main(["scan", "--format", "json", str(inbox / "b.txt")]) == 0
    assert json.loads(capsys.readouterr().out)["level"] == "clean"
    main(["scan", "--format", "json", str(inbox / "b.txt"), str(inbox / "a.rtf")])
    assert [one["level"] for one in json.loads(capsys.readouterr().out)] == ["clean", "unverified"]
    main(["scan", "--format", "json", str(inbox / "sub")])
    assert len(json.loads(capsys.readouterr().out)) == 1
    (inbox / "empty").mkdir()
    assert main(["scan", "--format", "json", str(inbox / "empty")]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_command_line_says_what_the_library_says(inbox, capsys):
    path = str(inbox / "sub" / "c.zip")
    main(["scan", "--format", "json", path])
    assert capsys.readouterr().out == scan(path).to_json() + "\n"


def test_unreadable_paths(inbox, capsys):
    os.mkfifo(inbox / "fifo")
    os.symlink(inbox / "b.txt", inbox / "link")
    missing = str(inbox / "missing")
    assert main(["scan", "--format", "jsonl", missing, str(inbox)]) == 74
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"schema": "emotriage.error/1", "name": missing, "error": "No such file or directory"}
    errors = {os.path.basename(line["name"]): line["error"] for line in lines if "error" in line}
    assert errors["fifo"] == errors["link"] == "not a regular file"
    assert main(["scan", missing]) == 74
    assert "not read" in capsys.readouterr().out


def test_fail_on(inbox):
    assert main(["scan", "--fail-on", "suspicious", str(inbox)]) == 0
    assert main(["scan", "--fail-on", "unverified", str(inbox)]) == 10


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["scan"],
        ["scan", "--format", "xml", "x"],
        ["scan", "--jobs", "0", "x"],
        ["scan", "--fail-on", "awful", "x"],
        ["rules", "no.such"],
        ["nonsense"],
    ],
)
def test_wrong_usage_is_one_line_and_64(arguments, capsys):
    try:
        code = main(arguments)
    except SystemExit as stop:
        code = stop.code
    assert code == 64
    message = capsys.readouterr().err
    assert message.startswith("emotriage: ")
    assert "Traceback" not in message


def test_output_is_a_new_file(inbox, capsys):
    target = inbox / "out.json"
    assert main(["scan", "--format", "json", "--output", str(target), str(inbox / "b.txt")]) == 0
    assert json.loads(target.read_text())["level"] == "clean"
    assert main(["scan", "--output", str(target), str(inbox / "b.txt")]) == 64
    assert main(["scan", "--output", str(inbox / "no" / "x"), str(inbox / "b.txt")]) == 64
    os.symlink(inbox / "elsewhere", inbox / "dangling")
    assert main(["scan", "--output", str(inbox / "dangling"), str(inbox / "b.txt")]) == 64
    assert not (inbox / "elsewhere").exists()
    assert not [one for one in os.listdir(inbox) if one.startswith(".emotriage")]


def test_standard_input(inbox):
    run = subprocess.run(
        [sys.executable, "-m", "emotriage", "scan", "--format", "json", "-"],
        input=b"{\\rtf1 hello",
        capture_output=True,
        check=False,
    )
    assert run.returncode == 10
    verdict = json.loads(run.stdout)
    assert (verdict["name"], verdict["artifacts"][0]["kind"]) == ("-", "rtf")


def test_a_reader_that_goes_away_leaves_no_traceback(inbox):
    command = f"{sys.executable} -m emotriage scan --format jsonl {inbox} {inbox} {inbox} | head -c 10"
    run = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert b"Traceback" not in run.stderr


def test_hostile_file_names(tmp_path, capsys):
    name = os.fsencode(tmp_path) + b"/\x1b[2J\xff\xe8\xa1\xa8.txt"
    with open(name, "wb") as file:
        file.write(b"hello")
    assert main(["scan", "--format", "jsonl", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert os.fsencode(json.loads(out)["name"]) == name
    for form in ([str(tmp_path)], [os.fsdecode(name)]):
        assert main(["scan", *form]) == 0
        out = capsys.readouterr().out
        assert "\x1b" not in out
        assert "\\x1b[2J" in out


def test_rules_and_schema(capsys):
    assert main(["rules"]) == 0
    listed = capsys.readouterr().out
    assert "scan.limit-reached" in listed
    for line in listed.splitlines():
        assert main(["rules", line.split()[0]]) == 0
        assert "False positives" in capsys.readouterr().out
    assert main(["schema"]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_samples(tmp_path, capsys):
    assert main(["samples", str(tmp_path / "s")]) == 0
    assert "samples in" in capsys.readouterr().out
    assert sum(len(files) for _, _, files in os.walk(tmp_path / "s")) >= 10


def test_the_story_of_one_file(inbox, capsys):
    main(["scan", str(inbox / "a.rtf")])
    out = capsys.readouterr().out
    assert out.startswith("UNVERIFIED")
    assert "rtf.not-read" in out


def test_a_full_disk_is_one_line(inbox):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "emotriage", "scan", str(inbox / "b.txt")]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert run.returncode == 74
    assert run.stderr == b"emotriage: cannot write: No space left on device\n"


def test_a_scan_loads_only_what_it_needs(inbox):
    """What starts slowly is imported by who needs it: parsers by the worker, colours by a terminal."""
    code = (
        "import sys\n"
        "from emotriage.cli import main\n"
        f"main(['scan', {str(inbox / 'b.txt')!r}])\n"
        "slow = ('rich', 'emotriage.walk', 'emotriage.formats', 'emotriage.analyzers', 'tomllib', 'Cryptodome')\n"
        "sys.exit(repr([one for one in slow if one in sys.modules]) if any(one in sys.modules for one in slow) else 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
