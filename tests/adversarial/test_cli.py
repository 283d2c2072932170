"""What a command line, a plugin folder or a terminal may be made to do, row by row."""

import errno
import json
import os
import pty
import re
import resource
import select
import signal
import stat
import subprocess
import sys
import textwrap
import time

import jsonschema
import pytest

from conftest import unprivileged
from emotriage import Level, Limits, Policy, ScanPool, UsageError, scan
from emotriage.cli import main
from emotriage.commands import inputs
from emotriage.extract import MANIFEST, Folder
from emotriage.model.verdict import Verdict
from emotriage.reports.schema import schema
from emotriage.testing import archive, document, text

FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
STYLE = re.compile("\x1b\\[[0-9;]*m")
NAMES = [
    "\x1b[2Jinvoice.doc",
    "\x1b]8;;http://evil.invalid/\x07click\x1b]8;;\x07",
    "\x1b]52;c;ZXZpbA==\x07",
    "a\x9b31mred",
    "bell\x07\x08\x08",
    "a\rclean  b",
    "inv\u202ecod.exe",
    "line\u2028and\u2029paragraph",
    "zero\u200bwidth\u2066",
    "lone\udcff",
    "a\nJan  1 00:00:00 host emotriage: 0 clean",
    "%s%n{0}{name}$(x)`y`",
    "[bold]markup[/bold]",
    "表ソ能十.doc",
]
MACRO = {"Module1": 'Sub AutoOpen()\n  Shell "emotriage-inert \x1b[2J"\nEnd Sub\n'}
COMMAND = [sys.executable, "-m", "emotriage"]


def _run(*arguments, **options):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, check=False, **options)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A folder of files whose names, members and macros all try something."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, name in enumerate(NAMES):
        inner = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        data = archive(files={inner: document(format="doc", macros=MACRO) if number < 3 else b"MZ" + bytes(64)})
        with open(os.fsencode(folder) + b"/" + name.replace("/", "_").encode("utf-8", "surrogateescape"), "wb") as file:
            file.write(data)
    return folder


# ---- C01, C04, C05: what comes out ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_c01_nothing_reaches_a_pipe_that_steers_a_terminal(hostile, form):
    run = _run("scan", "--format", form, "--jobs", "2", str(hostile))
    assert run.returncode == 20
    assert not FORBIDDEN.search(run.stdout.decode("utf-8"))
    assert not run.stderr
    if form == "text":
        for visible in ("\\x1b[2J", "\\x9b31m", "\\u202e", "\\u2028", "\\x07", "\\udcff", "表ソ能十"):
            assert visible in run.stdout.decode("utf-8")


def test_c01_a_terminal_gets_colours_of_ours_alone(hostile):
    near, far = pty.openpty()
    command = [*COMMAND, "scan", str(hostile)]
    with subprocess.Popen(command, stdin=far, stdout=far, stderr=far, env={**os.environ, "TERM": "xterm"}) as run:
        os.close(far)
        shown = bytearray()
        while True:
            select.select([near], [], [], 30)
            try:
                piece = os.read(near, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
    os.close(near)
    assert run.returncode == 20
    seen = shown.decode("utf-8").replace("\r\n", "\n")
    # The progress bar moves the cursor up, erases its line, hides and shows the cursor.
    seen = re.sub("\x1b\\[(?:[0-9]*[AK]|\\?25[lh])|\r", "", seen)
    assert STYLE.search(seen)
    assert not FORBIDDEN.search(STYLE.sub("", seen))


def test_c01_the_story_of_one_file(hostile):
    for one in sorted(hostile.iterdir())[:4]:
        shown = _run("scan", str(one)).stdout.decode("utf-8")
        assert not FORBIDDEN.search(shown)


def test_c01_error_messages_and_rules(tmp_path, capsys):
    for arguments in (
        ["scan", "--format", "\x1b[2J", "x"],
        ["scan", "--policy", str(tmp_path / "\x1b[2J\u202e"), "x"],
        ["rules", "\x9b31m"],
        ["scan", "--output", str(tmp_path / "\x1b[2J" / "x"), "x"],
        ["scan", str(tmp_path / "\x1b[2J")],
        ["\x1b]0;title\x07"],
    ):
        try:
            code = main(arguments)
        except SystemExit as stop:
            code = stop.code
        assert code in {64, 74}
        said = capsys.readouterr()
        assert len(said.err.splitlines()) == (code == 64)
        assert not FORBIDDEN.search(said.err + said.out)


def test_c01_a_terminal_without_japanese_still_gets_the_rest(hostile):
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    run = _run("scan", str(hostile), env=env)
    assert run.returncode == 20
    assert b"\\u8868" in run.stdout


def _strict(line):
    def refuse(value):
        raise AssertionError(value)

    return json.loads(line, parse_constant=refuse)


def test_c04_json_lines_are_strict_and_one_a_record(hostile):
    out = _run("scan", "--format", "jsonl", str(hostile)).stdout
    assert out.isascii()
    assert out.endswith(b"\n")
    lines = out.split(b"\n")[:-1]
    assert len(lines) == len(NAMES)
    for line in lines:
        record = _strict(line)
        jsonschema.validate(record, schema())
        assert Verdict.from_json(line).to_json().encode() == line
    names = {os.path.basename(_strict(line)["name"]) for line in lines}
    assert names == {os.fsdecode(one) for one in os.listdir(os.fsencode(hostile))}


def test_c04_long_strings_are_cut(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"http://evil.invalid/" + b"a" * (2 << 20))
    long_name = archive(files={"n" * 60_000 + ".txt": b"hello"})
    (tmp_path / "b.zip").write_bytes(long_name)
    for line in _run("scan", "--format", "jsonl", str(tmp_path)).stdout.splitlines():
        assert len(line) < 64 << 10
        assert all(len(one["name"]) <= 1024 or one["id"] == 0 for one in _strict(line)["artifacts"])


def test_c05_one_file_is_one_line_and_nothing_is_formatted(hostile):
    lines = _run("scan", "--no-progress", str(hostile)).stdout.decode("utf-8").splitlines()
    head, rows, total = lines[0], lines[1:-2], lines[-1]
    assert head.startswith("level")
    assert len(rows) == len(NAMES)
    assert all(row.split()[0] in {str(one) for one in Level} for row in rows)
    assert any("%s%n{0}{name}$(x)`y`" in row for row in rows)
    assert total.startswith(f"{len(NAMES)} files: ")


# ---- C06: how it ends -----------------------------------------------------------------------------------------------


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "clean.txt").write_bytes(text(content="hello"))
    (folder / "gap.bin").write_bytes(b"MZ" + bytes(range(256)) * 8)
    (folder / "lure.doc").write_bytes(document(format="doc", macros={"M": MACRO["Module1"]}))
    return folder


def test_c06_the_worst_decides(inbox, capsys):
    def code(*arguments):
        try:
            return main(["scan", "--format", "jsonl", *arguments])
        finally:
            capsys.readouterr()

    clean, gap, lure, missing = (str(inbox / one) for one in ("clean.txt", "gap.bin", "lure.doc", "missing"))
    lure_level = scan(lure).level
    assert lure_level >= Level.SUSPICIOUS
    expected = {Level.SUSPICIOUS: 20, Level.MALICIOUS: 30}[lure_level]
    assert code(clean, gap) == 10
    assert code(str(inbox)) == expected
    assert code(gap, missing) == 74
    assert code(lure, missing) == expected
    assert code("--fail-on", "suspicious", gap) == 0
    assert code("--fail-on", "suspicious", gap, missing) == 74


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_c06_a_reader_that_goes_away(inbox, form):
    command = " ".join([*COMMAND, "scan", "--format", form, *[str(inbox)] * 12])
    script = f"set -o pipefail; {command} | head -c 10; echo ${{PIPESTATUS[0]}}"
    run = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert not run.stderr
    assert run.stdout.splitlines()[-1] != "0"


HANGS = """
import time
from emotriage import analyzer

@analyzer("hangs", kinds={"rtf"})
def HANGS(subject):
    time.sleep(60)
    yield
"""


@pytest.mark.parametrize("form", ["json", "jsonl", "text"])
def test_c06_interrupted_in_the_middle(planted, tmp_path, form):
    planted("hangs", HANGS, "HANGS")
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(4):
        (folder / f"a{number}.txt").write_bytes(b"hello")
    (folder / "b.rtf").write_bytes(b"{\\rtf1}")
    out = tmp_path / "out"
    with open(out, "wb") as sink:
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        extract = ["--extract", str(tmp_path / "kept")]
        command = [*COMMAND, "scan", "--format", form, "--jobs", "1", *extract, str(folder)]
        with subprocess.Popen(command, stdout=sink, stderr=subprocess.PIPE, env=env) as run:
            watched = tmp_path / "kept"
            manifest = lambda: [one for one in os.listdir(watched) if one.startswith(".emotriage")]  # noqa: E731
            for _ in range(600):  # the first four are noted in the manifest, the fifth hangs
                if watched.exists() and any(b"a3.txt" in (watched / one).read_bytes() for one in manifest()):
                    break
                time.sleep(0.05)
            time.sleep(0.3)  # and reported
            run.send_signal(signal.SIGINT)
            said = run.stderr.read()
    assert run.returncode == 130
    assert said == b"emotriage: interrupted; what is not reported was not looked at\n"
    written = out.read_text()
    if form == "jsonl":
        assert [_strict(line)["level"] for line in written.splitlines()] == ["clean"] * 4
    elif form == "json":
        assert [one["level"] for one in _strict(written)] == ["clean"] * 4
    else:
        assert written.splitlines()[-1] == "4 files: 4 clean"
    assert len(json.loads((watched / MANIFEST).read_text())["inputs"]) == 4
    assert os.listdir(watched) == [MANIFEST]


def test_c06_interrupted_output_does_not_appear(planted, tmp_path):
    planted("hangs", HANGS, "HANGS")
    (tmp_path / "b.rtf").write_bytes(b"{\\rtf1}")
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [*COMMAND, "scan", "--output", str(tmp_path / "out"), str(tmp_path / "b.rtf")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env) as run:
        for _ in range(600):
            if any(one.startswith(".emotriage") for one in os.listdir(tmp_path)):
                break
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
    assert run.returncode == 130
    assert not [one for one in os.listdir(tmp_path) if one.startswith((".emotriage", "out"))]


# ---- C07: what is found in a folder ---------------------------------------------------------------------------------


def test_c07_links_fifos_and_devices_are_one_error_each(tmp_path, capsys):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.txt").write_bytes(b"hello")
    os.symlink(folder, folder / "deep" / "loop")
    os.symlink("/etc/passwd", folder / "link")
    os.symlink("nowhere", folder / "dangling")
    os.mkfifo(folder / "fifo")
    expected = {"deep/a.txt": "clean", "deep/loop": "", "link": "", "dangling": "", "fifo": ""}
    if not os.geteuid():
        try:
            os.mknod(folder / "null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
            expected["null"] = ""
        except PermissionError:
            pass
    with open(os.fsencode(folder) + b"/\x83\x5c\xff.txt", "wb") as file:
        file.write(b"hello")
    expected[os.fsdecode(b"\x83\x5c\xff.txt")] = "clean"
    assert main(["scan", "--format", "jsonl", str(folder)]) == 74
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = [os.path.relpath(one["name"], folder) for one in records]
    assert names == sorted(expected, key=lambda one: os.fsencode(one).replace(b"/", b"\0"))
    assert {name: one.get("level", "") for name, one in zip(names, records, strict=True)} == expected
    assert {one["error"] for one in records if "error" in one} == {"not a regular file"}


@pytest.mark.parametrize("what", ["file", "folder"])
def test_c07_replaced_by_a_link_during_the_scan(tmp_path, monkeypatch, capsys, what):
    folder, outside = tmp_path / "in", tmp_path / "outside"
    (folder / "sub").mkdir(parents=True)
    outside.mkdir()
    for one in (folder / "sub", outside):
        (one / "a.txt").write_bytes(b"hello")
    found = list(inputs.inputs_of([str(folder)]))
    monkeypatch.setattr("emotriage.commands.scan.inputs_of", lambda _: iter(found))
    os.unlink(folder / "sub" / "a.txt")
    if what == "file":
        os.symlink(outside / "a.txt", folder / "sub" / "a.txt")
    else:
        os.rmdir(folder / "sub")
        os.symlink(outside, folder / "sub")
    assert main(["scan", "--format", "jsonl", str(folder)]) == 74
    assert json.loads(capsys.readouterr().out)["error"] == "became a link during the scan"


def test_c07_given_links_are_followed(tmp_path, capsys):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_bytes(b"hello")
    os.symlink(tmp_path / "real", tmp_path / "folder")
    os.symlink(tmp_path / "real" / "a.txt", tmp_path / "file.txt")
    assert main(["scan", "--format", "jsonl", str(tmp_path / "folder"), str(tmp_path / "file.txt")]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def _many(folder, count):
    for number in range(count):
        with open(f"{folder}/{number:06}.txt", "wb") as file:
            file.write(b"hello")


def test_c07_many_files_are_one_record_each(tmp_path, capsys):
    _many(tmp_path, 300)
    assert main(["scan", "--format", "jsonl", str(tmp_path)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 300


@pytest.mark.long
def test_c07_a_hundred_thousand_files(tmp_path):
    _many(tmp_path, 100_000)
    run = _run("scan", "--format", "jsonl", str(tmp_path))
    assert run.returncode == 0
    assert run.stdout.count(b"\n") == 100_000


# ---- C08: what is extracted -----------------------------------------------------------------------------------------


def _names(folder):
    return sorted(os.listdir(folder))


def test_c08_names_of_an_input_are_never_names_of_files(tmp_path, capsys):
    names = [
        "../../up.exe",
        "/etc/cron.d/x",
        "C:\\Windows\\x.exe",
        "a\\..\\..\\x",
        "NUL",
        "\x1b[2J.sh",
        "a" * 5000,
        "x.lnk.",
    ]
    source = tmp_path / "in.zip"
    source.write_bytes(archive(files={name: f"content {number}".encode() for number, name in enumerate(names)}))
    out = tmp_path / "new" / ".." / "out"
    (tmp_path / "new").mkdir()
    before = set(tmp_path.iterdir())
    main(["scan", "--extract", str(out), str(source)])
    capsys.readouterr()
    assert set(tmp_path.iterdir()) - before == {tmp_path / "out"}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
    kept = _names(out)
    assert len(kept) == len(names) + 1
    assert all(re.fullmatch(r"[0-9a-f]{64}\.bin|manifest\.json", one) for one in kept)
    for one in (tmp_path / "out").iterdir():
        assert stat.S_IMODE(one.stat().st_mode) == 0o600
    raw = (out / MANIFEST).read_bytes()
    assert raw.isascii()
    assert not FORBIDDEN.search(raw.decode())
    (entry,) = json.loads(raw)["inputs"]
    assert (entry["name"], entry["sha256"]) == (str(source), scan(source).sha256)
    assert entry["level"] == str(scan(source).level)
    for one in entry["artifacts"][1:]:
        assert one["file"] == f"{one['sha256']}.bin"
        assert one["whole"]
        assert (out / one["file"]).read_bytes() == f"content {one['id'] - 1}".encode()
    assert entry["artifacts"][0]["file"] is None
    assert "../../up.exe" in [one["name"] for one in entry["artifacts"]]


def test_c08_one_content_is_kept_once(tmp_path, capsys):
    one = archive(files={"a.txt": b"same", "b.txt": b"same", "c.txt": b"other"})
    (tmp_path / "1.zip").write_bytes(one)
    (tmp_path / "2.zip").write_bytes(archive(files={"d.txt": b"same", "inner.zip": one}))
    for _ in range(2):  # a second run finds its own files
        main(
            [
                "scan",
                "--jobs",
                "2",
                "--extract",
                str(tmp_path / "out"),
                str(tmp_path / "1.zip"),
                str(tmp_path / "2.zip"),
            ]
        )
        inputs_ = json.loads((tmp_path / "out" / MANIFEST).read_text())["inputs"]
        assert [os.path.basename(one["name"]) for one in inputs_] == ["1.zip", "2.zip"]
        files = {one["file"] for entry in inputs_ for one in entry["artifacts"]} - {None}
        assert len(files) == 3
        assert {*files, MANIFEST} == set(os.listdir(tmp_path / "out"))
        os.unlink(tmp_path / "out" / MANIFEST)
    capsys.readouterr()


def test_c08_the_verdict_is_the_same_and_isolation_changes_nothing(tmp_path, samples):
    chosen = [samples[name] for name in sorted(samples)[::41]]
    for number, isolate in enumerate((False, True)):
        with ScanPool(isolate=isolate, plugins=[]) as pool, Folder(tmp_path / str(number)) as folder:
            for recipe, data in chosen:
                parcel = folder.parcel()
                verdict = pool.scan(data, recipe.file, sink=parcel)
                folder.note(verdict, parcel)
                assert verdict.to_json() == pool.scan(data, recipe.file).to_json()
    assert _names(tmp_path / "0") == _names(tmp_path / "1")
    assert (tmp_path / "0" / MANIFEST).read_bytes() == (tmp_path / "1" / MANIFEST).read_bytes()
    entries = json.loads((tmp_path / "0" / MANIFEST).read_text())["inputs"]
    assert all(one["whole"] for entry in entries for one in entry["artifacts"][1:] if one["sha256"])


def test_c08_runs_of_one_byte_are_whole_and_zeros_cost_nothing(tmp_path):
    parts = [b"head", bytes(3 << 20), b"\xff" * (1 << 20), bytes(1 << 17), b"tail"]
    big = b"".join(parts)
    with ScanPool(plugins=[]) as pool, Folder(tmp_path / "out") as folder:
        parcel = folder.parcel()
        folder.note(pool.scan(archive(files={"a.bin": big, "empty": b""}), "a.zip", sink=parcel), parcel)
    kept = {one.read_bytes(): one for one in (tmp_path / "out").glob("*.bin")}
    assert set(kept) == {big, b""}
    assert kept[big].stat().st_blocks * 512 < len(big) // 2


def test_c08_many_children_are_bounded(tmp_path):
    data = archive(files={f"{number}": f"{number}".encode() for number in range(200)})
    limits = Limits(children=50)
    with ScanPool(limits=limits, plugins=[]) as pool, Folder(tmp_path / "out", limits) as folder:
        parcel = folder.parcel()
        verdict = pool.scan(data, "a.zip", sink=parcel)
        folder.note(verdict, parcel)
    assert len(_names(tmp_path / "out")) == len(verdict.artifacts) == 50


@pytest.mark.long
def test_c08_ten_thousand_children(tmp_path):
    data = archive(files={f"{number}": f"{number}".encode() for number in range(9_999)})
    (tmp_path / "a.zip").write_bytes(data)
    assert _run("scan", "--extract", str(tmp_path / "out"), str(tmp_path / "a.zip")).returncode in {0, 10}
    assert len(_names(tmp_path / "out")) == 10_000


def test_c08_nothing_is_written_past_what_may_be_unpacked(tmp_path):
    folder = Folder(tmp_path / "out", Limits(expanded_bytes=1000, children=3))
    parcel = folder.parcel()
    for number, length in enumerate((600, 600, 300, 10)):
        parcel.begin(number)
        parcel.data(b"x" * length)
        parcel.run(1 << 60, 0)  # a worker that fell may say anything
        parcel.end()
    for number, length in enumerate((600, 600, 300, 10)):
        other = folder.parcel() if not number else other  # noqa: F821
        other.begin(number)
        other.data(b"x" * length)
        other.end()
    assert {file for file, _ in parcel.finish().values()} == set()
    assert sorted(other.finish()) == [0, 2]
    folder.close()


def test_c08_a_disk_that_is_full_is_one_line_and_no_half_file(inbox, tmp_path, capsys):
    source = tmp_path / "a.zip"
    source.write_bytes(archive(files={"small.txt": b"hello", "large.txt": os.urandom(300_000), "after.txt": b"after"}))
    limit = resource.RLIMIT_FSIZE
    out = tmp_path / "out"

    def tight():
        resource.setrlimit(limit, (200_000, 200_000))

    command = [*COMMAND, "scan", "--format", "jsonl", "--extract", str(out), str(source), str(inbox / "clean.txt")]
    run = subprocess.run(command, capture_output=True, check=False, preexec_fn=tight)
    assert run.returncode == 74
    assert run.stderr == b"emotriage: cannot write: File too large\n"
    assert len(run.stdout.splitlines()) == 2  # the report goes on
    assert [(out / one).read_bytes() for one in _names(out)] == [b"hello"]


@pytest.mark.parametrize("where", ["draft", "manifest"])
def test_c08_no_space(tmp_path, monkeypatch, capsys, where):
    import emotriage.extract as module

    real, left = module.write_all, [2 if where == "manifest" else 1]

    def full(descriptor, data):
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left[0] -= 1
        real(descriptor, data)

    monkeypatch.setattr(module, "write_all", full)
    (tmp_path / "a.zip").write_bytes(archive(files={"a.txt": b"hello"}))
    with open(os.devnull, "w") as null:
        monkeypatch.setattr(sys, "stdout", null)
        assert main(["scan", "--extract", str(tmp_path / "out"), str(tmp_path / "a.zip")]) == 74
    assert capsys.readouterr().err == "emotriage: cannot write: No space left on device\n"
    assert len(_names(tmp_path / "out")) == (where == "manifest")


def test_c08_what_was_there_is_never_replaced(tmp_path, capsys):
    import hashlib

    name = hashlib.sha256(b"hello").hexdigest() + ".bin"
    (tmp_path / "a.zip").write_bytes(archive(files={"a.txt": b"hello"}))
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    for number, plant in enumerate(
        (
            lambda out: (out / name).write_bytes(b"something else"),
            lambda out: os.symlink(victim, out / name),
            lambda out: os.mkfifo(out / name),
            lambda out: (out / name).mkdir(),
        )
    ):
        out = tmp_path / f"out{number}"
        out.mkdir()
        plant(out)
        before = os.lstat(out / name)
        assert main(["scan", "--extract", str(out), str(tmp_path / "a.zip")]) == 74
        assert capsys.readouterr().err == f"emotriage: cannot write: {name} is there and is something else\n"
        assert _names(out) == [name]
        assert os.lstat(out / name).st_ino == before.st_ino
    assert victim.read_bytes() == b"mine"


def test_c08_folders_that_are_refused(tmp_path, capsys):
    (tmp_path / "a.txt").write_bytes(b"hello")
    (tmp_path / "real").mkdir()
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / MANIFEST).write_text("{}")
    (tmp_path / "dangling").mkdir()
    os.symlink("nowhere", tmp_path / "dangling" / MANIFEST)
    os.symlink(tmp_path / "real", tmp_path / "link")
    for bad in ("a.txt", "link", "link/", "done", "dangling", "missing/deeper", "a.txt/x", "nul\0"):
        assert main(["scan", "--extract", f"{tmp_path}/{bad}", str(tmp_path / "a.txt")]) == 64
        said = capsys.readouterr()
        assert len(said.err.splitlines()) == 1
        assert not said.out
    assert not _names(tmp_path / "real")
    assert (tmp_path / "done" / MANIFEST).read_text() == "{}"


LIES = [
    b"B" + bytes(8) + b"D" + b"\xff" * 4 + b"x" * 100,
    b"B" + bytes(8) + b"R" + b"\xff" * 8 + b"\0" + b"E",
    b"B" + bytes(8) + b"D\0\0\0\5../..E" * 3,
    b"E" * 1000,
    b"junk" * 1000,
    b"B\0\0",
]
LIAR = """
import os
from emotriage import analyzer

@analyzer("lies", kinds={"*"})
def LIES(subject):
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, %r[int(subject.name[0])])
        except OSError:
            pass
    return iter(())
"""


def test_c08_a_worker_that_fell_writes_no_name_and_no_flood(planted, tmp_path):
    planted("lies", LIAR % LIES, "LIES")
    with ScanPool(limits=Limits(seconds=5), plugins=["lies"]) as pool, Folder(tmp_path / "out") as folder:
        for number in range(len(LIES)):
            parcel = folder.parcel()
            verdict = pool.scan(archive(files={f"{number}.txt": b"hello"}), f"{number}.zip", sink=parcel)
            folder.note(verdict, parcel)
            assert verdict.level >= Level.UNVERIFIED  # it spoke on its own channel, too
    assert all(re.fullmatch(r"[0-9a-f]{64}\.bin|manifest\.json", one) for one in _names(tmp_path / "out"))
    assert sum(one.stat().st_blocks for one in (tmp_path / "out").iterdir()) * 512 < 1 << 20


# ---- C09: where the report goes -------------------------------------------------------------------------------------


def test_c09_output_never_takes_the_place_of_anything(tmp_path, capsys):
    source = tmp_path / "a.txt"
    source.write_bytes(b"hello")
    (tmp_path / "there").write_text("mine")
    (tmp_path / "folder").mkdir()
    os.symlink(tmp_path / "there", tmp_path / "link")
    os.symlink(tmp_path / "elsewhere", tmp_path / "dangling")
    for bad in ("there", "folder", "link", "dangling", "no/x", "a.txt/x", "nul\0"):
        assert main(["scan", "--output", f"{tmp_path}/{bad}", str(source)]) == 64
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert (tmp_path / "there").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()
    assert not [one for one in os.listdir(tmp_path) if one.startswith(".emotriage")]


def test_c09_output_that_appears_meanwhile_is_kept(tmp_path, capsys, monkeypatch):
    (tmp_path / "a.txt").write_bytes(b"hello")
    target = tmp_path / "out"
    real = ScanPool.scan

    def slow(*arguments, **options):
        target.write_text("mine")
        return real(*arguments, **options)

    monkeypatch.setattr(ScanPool, "scan", slow)
    assert main(["scan", "--output", str(target), str(tmp_path / "a.txt")]) == 64
    assert target.read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "out"]
    capsys.readouterr()


def test_c09_output_is_whole_or_not_there(inbox, tmp_path):
    target = tmp_path / "out"

    def tight():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    command = [*COMMAND, "scan", "--format", "jsonl", "--output", str(target), *[str(inbox)] * 3]
    run = subprocess.run(command, capture_output=True, check=False, preexec_fn=tight)
    assert (run.returncode, run.stderr) == (74, b"emotriage: cannot write: File too large\n")
    assert os.listdir(tmp_path) == ["inbox"]


def test_c09_a_folder_that_is_read_only(common, capsys):
    (common / "a.txt").write_bytes(b"hello")
    (common / "closed").mkdir(mode=0o555)
    (common / "open").mkdir()
    (common / "open").chmod(0o777)
    with unprivileged():
        assert main(["scan", "--output", str(common / "open" / "x"), str(common / "a.txt")]) != 64
        assert main(["scan", "--output", str(common / "closed" / "x"), str(common / "a.txt")]) == 64
    assert "Permission denied" in capsys.readouterr().err
    assert (common / "open" / "x").exists()
    assert not os.listdir(common / "closed")


def test_c09_a_file_system_without_links(tmp_path, monkeypatch):
    from emotriage.model.new_file import Draft

    def no_links(*arguments, **options):
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    with Draft(str(tmp_path)) as draft:
        os.write(draft.descriptor, b"whole")
        draft.publish("name")
    (tmp_path / "taken").write_bytes(b"mine")
    with Draft(str(tmp_path)) as draft, pytest.raises(FileExistsError):
        draft.publish("taken")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"name": b"whole", "taken": b"mine"}


# ---- W09: plugins ---------------------------------------------------------------------------------------------------

GOOD = """
from emotriage import Evidence, Rule, Severity, analyzer

SEEN = Rule(id="planted.seen", title="planted", severity=Severity.LOW, explanation="x", false_positives="x")

@analyzer("{name}", kinds={{"*"}}, rules=[SEEN])
def GOOD(subject):
    yield SEEN(Evidence("seen", where="here"))
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """Installs plugins by entry point, each in a package of its own, as pip would."""
    modules = []

    def install(name, code, attribute="GOOD", *, entry=None, package=None):
        package = package or name.replace("-", "_")
        module = f"planted_{package}"
        (tmp_path / f"{module}.py").write_text(textwrap.dedent(code).replace("{{", "{").replace("}}", "}"))
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        entry = entry or f"[emotriage.analyzers]\n{name} = {module}:{attribute}\n"
        (info / "entry_points.txt").write_text(entry)
        modules.append(module)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / f"mark{len(modules)}")])  # a new search

    yield install
    for module in modules:
        sys.modules.pop(module, None)


def _failures(verdict):
    return [proof.text for one in verdict.gaps if one.rule == "scan.plugin-failed" for proof in one.evidence]


BAD = [
    ("import no_such_module", "ModuleNotFoundError"),
    ("raise ValueError('from the plugin')", "ValueError"),
    ("raise SystemExit(0)", "SystemExit"),
    ("raise GeneratorExit", "GeneratorExit"),
    ("from emotriage.model.errors import BudgetSpent\nraise BudgetSpent('work', total=True)", "BudgetSpent"),
    ("syntax error", "SyntaxError"),
    ("def f(n): return f(n + 1)\nf(0)", "RecursionError"),
    ("OTHER = 1", "AttributeError"),
    ("BAD = 5", "not an analyzer"),
    ("def BAD(subject): yield", "not an analyzer"),
    ("from emotriage.model.analyzer import Analyzer\nBAD = Analyzer(5, frozenset(), (), print)", "not an analyzer"),
    ("from emotriage.model.analyzer import Analyzer\nBAD = Analyzer('x', None, (), print)", "TypeError"),
    (
        "from emotriage.model.analyzer import Analyzer\nBAD = Analyzer('x', frozenset({'*'}), (), print, api=2)",
        "made for another version of the plugin interface, this is 1",
    ),
    (GOOD.format(name="zip").replace("GOOD", "BAD"), "analyzer name already taken"),
]


@pytest.mark.parametrize("isolate", [False, True])
@pytest.mark.parametrize("bad", [BAD[:7], BAD[7:]])
def test_w09_plugins_that_cannot_be_loaded_are_named(planted, bad, isolate):
    for number, (code, _) in enumerate(bad):
        planted(f"bad{number}", code, "BAD")
    planted("good", GOOD.format(name="good"))
    verdict = scan(b"hello", name="a.txt", isolate=isolate)
    assert _failures(verdict) == [f"bad{number}: {reason}" for number, (_, reason) in enumerate(bad)]
    assert "planted.seen" in [one.rule for one in verdict.findings]
    assert verdict.level is Level.UNVERIFIED
    assert "from the plugin" not in verdict.to_json()


@pytest.mark.parametrize(
    "code",
    [
        "while True: pass",
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(3600)",
        "import os\nos._exit(0)",
        "hoard = []\nwhile True: hoard.append(bytearray(1 << 24))",
    ],
)
def test_w09_a_plugin_that_hangs_or_dies_at_import_is_left_out(planted, code):
    planted("hangs", code, "HANGS")
    planted("good", GOOD.format(name="good"))
    limits = Limits(seconds=4, worker_memory=256 << 20)
    with ScanPool(limits=limits, jobs=2) as pool:
        for verdict in pool.scan_many([b"hello"] * 3):
            (failure,) = _failures(verdict)
            assert failure.startswith("hangs: ")
            assert {one.rule for one in verdict.gaps} == {"scan.plugin-failed"}
            assert "planted.seen" in [one.rule for one in verdict.findings]
            assert verdict.sha256


def test_w09_one_name_twice_loads_neither(planted):
    planted("same", GOOD.format(name="first"), package="first")
    planted("same", GOOD.format(name="second"), package="second")
    planted("good", GOOD.format(name="good"))
    for isolate in (False, True):
        verdict = scan(b"hello", name="a.txt", isolate=isolate)
        assert _failures(verdict) == ["same: installed more than once"]
        assert verdict.plugins == ("good", "same")
        assert [one.rule for one in verdict.findings].count("planted.seen") == 1


@pytest.mark.parametrize("entry", ["[emotriage.analyzers]\nno equals sign\n", "[emotriage.analyzers]\nx = \n"])
def test_w09_a_damaged_package_takes_nobody_with_it(planted, entry):
    planted("damaged", "", entry=entry)
    planted("good", GOOD.format(name="good"))
    verdict = scan(b"hello", name="a.txt")
    assert len(_failures(verdict)) == 1
    assert "planted.seen" in [one.rule for one in verdict.findings]


PLANTED = """
import pathlib
pathlib.Path(__file__).with_suffix(".imported").touch()
raise ImportError
"""


@pytest.mark.parametrize("isolate", [False, True])
def test_w09_what_the_policy_does_not_name_is_not_even_imported(planted, tmp_path, isolate):
    planted("evil", PLANTED)
    planted("good", GOOD.format(name="good"))
    policy = Policy(plugins=("good",))
    with ScanPool(policy=policy, isolate=isolate) as pool:
        verdict = pool.scan(b"hello", "a.txt")
    assert verdict.plugins == ("good",)
    assert verdict.complete
    assert not (tmp_path / "planted_evil.imported").exists()
    assert scan(b"hello", policy=Policy(plugins=()), isolate=isolate).plugins == ()
    with pytest.raises(UsageError, match="not allowed by the policy: evil"):
        ScanPool(policy=policy, plugins=["evil"])
    with pytest.raises(UsageError, match="no such plugin installed: absent"):
        ScanPool(policy=Policy(plugins=("good", "absent")))
    scan(b"hello", isolate=isolate)
    assert (tmp_path / "planted_evil.imported").exists()  # the same check, where it is allowed


def test_w09_the_doctor_names_them(planted, tmp_path, capsys):
    planted("bad", "import no_such_module")
    planted("good", GOOD.format(name="good"))
    assert main(["doctor", "--format", "json"]) == 0
    checks = {one["name"]: one for one in json.loads(capsys.readouterr().out)["checks"] if one["group"] == "plugin"}
    assert {name: one["works"] for name, one in checks.items()} == {"bad": False, "good": True}
    assert checks["bad"]["note"] == "ModuleNotFoundError"
    (tmp_path / "policy.toml").write_text('plugins = ["absent"]')
    assert main(["doctor", "--policy", str(tmp_path / "policy.toml")]) == 10
    assert "absent" in capsys.readouterr().out


# ---- W14: settings that mean nothing --------------------------------------------------------------------------------


@pytest.mark.parametrize("option", ["--limits", "--policy"])
@pytest.mark.parametrize(
    "content", ["seconds = 0", "malicious = -1", "seconds = nan", "children = 99999999999999999999", "sceonds = 1", "["]
)
def test_w14_a_mistake_in_a_file_is_one_line_and_nothing_is_scanned(tmp_path, capsys, option, content):
    (tmp_path / "x.toml").write_text(content)
    assert main(["scan", option, str(tmp_path / "x.toml"), str(tmp_path / "x.toml")]) == 64
    said = capsys.readouterr()
    assert not said.out
    assert len(said.err.splitlines()) == 1
    assert "x.toml: " in said.err
    if content != "[":
        assert content.split()[0] in said.err
