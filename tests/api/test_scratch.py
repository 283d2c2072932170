"""Folders of pools: held while they are needed, swept when their owner was killed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from emotriage.scratch import PREFIX, Scratch


@pytest.fixture(autouse=True)
def room(tmp_path, monkeypatch):
    """A folder for temporary files that is ours alone."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def folders(room: Path) -> set[str]:
    return {str(one) for one in room.glob(f"{PREFIX}*")}


def test_a_folder_is_removed_by_its_owner(room):
    scratch = Scratch()
    assert folders(room) == {scratch.path}
    scratch.remove()
    scratch.remove()
    assert folders(room) == set()


def test_what_a_killed_process_left_is_swept(room):
    code = "import os, signal; from emotriage.scratch import Scratch; Scratch(); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code], check=False, env=os.environ)
    assert len(folders(room)) == 1
    mine = Scratch()
    assert folders(room) == {mine.path}
    mine.remove()


def test_what_somebody_holds_stays(room):
    first = Scratch()
    second = Scratch()
    assert folders(room) == {first.path, second.path}
    for one in (first, second):
        one.remove()


def test_only_empty_folders_of_that_name_are_swept(room):
    (room / f"{PREFIX}full").mkdir()
    (room / f"{PREFIX}full" / "kept").write_text("x")
    (room / f"{PREFIX}file").write_text("x")
    (room / f"{PREFIX}link").symlink_to(room)
    (room / "other").mkdir()
    Scratch().remove()
    assert (room / f"{PREFIX}full" / "kept").read_text() == "x"
    assert (room / f"{PREFIX}file").is_file()
    assert (room / f"{PREFIX}link").is_symlink()
    assert (room / "other").is_dir()
