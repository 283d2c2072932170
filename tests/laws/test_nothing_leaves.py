"""L5: no network, no child program, no write outside the scratch folder; an audit hook watches."""

import subprocess
import sys

WATCHER = r"""
import os, sys, pathlib, tempfile
folder, scratch = sys.argv[1:3]
tempfile.tempdir = scratch
import emotriage
emotriage.scan(b"PK\3\4", plugins=[])          # imports happen before the watch begins
import Cryptodome.Cipher.AES, Cryptodome.Cipher.ARC4, Cryptodome.Util.Counter, stream_unzip
from emotriage.registry import built_in
built_in()
seen = []
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "pty.",
             "ctypes.", "urllib.", "http.", "ftplib.", "smtplib.", "os.remove", "os.rename", "os.rmdir", "shutil.",
             "marshal.", "pickle.")
def hook(event, args):
    if event == "marshal.loads" and "importlib" in sys._getframe(1).f_code.co_filename:
        return                                     # a module's own bytecode
    if event.startswith(FORBIDDEN):
        seen.append((event, repr(args)[:200]))
    if event == "open":
        path, mode, flags = args
        writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and not str(path).startswith(scratch):
            seen.append((event, repr(args)[:200]))
    if event in ("exec", "compile") and "emotriage-watch" in watching:
        code = args[0]
        name = getattr(code, "co_filename", "") or (args[1] if len(args) > 1 else "")
        if not str(name).endswith(".py") and "<frozen" not in str(name) and "<string>" in str(name):
            frame = sys._getframe(1)
            if "dataclasses" not in frame.f_code.co_filename and "collections" not in frame.f_code.co_filename:
                seen.append((event, str(name), frame.f_code.co_filename))
watching = {"emotriage-watch"}
paths = sorted(pathlib.Path(folder).iterdir())
data = [(p.name, p.read_bytes()) for p in paths]
sys.addaudithook(hook)
for name, raw in data:
    emotriage.scan(raw, name=name, plugins=[])
watching.clear()
print(len(data), "scanned")
for one in seen:
    print("FORBIDDEN", one)
"""


def test_an_audit_hook_sees_nothing_forbidden(samples, tmp_path):
    folder, scratch = tmp_path / "in", tmp_path / "scratch"
    folder.mkdir()
    scratch.mkdir()
    for name, (_, data) in samples.items():
        (folder / name.replace("/", "-")).write_bytes(data)
    run = subprocess.run(
        [sys.executable, "-c", WATCHER, str(folder), str(scratch)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert "FORBIDDEN" not in run.stdout, run.stdout
    assert f"{len(samples)} scanned" in run.stdout
    assert not list(scratch.iterdir())


def test_import_brings_no_parser_and_no_network():
    code = (
        "import sys, emotriage\n"
        "names = 'oletools olefile openpyxl docx LnkParse3 pyzipper socket ssl'.split()\n"
        "bad = set(names) & set(sys.modules)\n"
        "sys.exit(repr(bad) if bad else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
