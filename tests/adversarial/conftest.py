"""Shared by the rows: analyzers installed as a package would install them, and what processes there are."""

import os
import re
import sys
import time

import pytest


@pytest.fixture
def plant(tmp_path, monkeypatch):
    """plant(source): install each analyzer of the source under its own name, in a package of its own."""

    def install(source):
        folder = tmp_path / "packages"
        folder.mkdir(exist_ok=True)
        (folder / "planted_rows.py").write_text(source)
        info = folder / "planted_rows-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: planted-rows\nVersion: 1.0\n")
        names = re.findall(r"^([A-Z_]+) = planted\(", source, re.MULTILINE)
        points = "".join(f"{name.lower()} = planted_rows:{name}\n" for name in names)
        (info / "entry_points.txt").write_text(f"[emotriage.analyzers]\n{points}")
        monkeypatch.syspath_prepend(str(folder))
        return [name.lower() for name in names]

    yield install
    sys.modules.pop("planted_rows", None)


class Processes:
    """What runs and what is open: Linux's /proc."""

    @staticmethod
    def children(parent=None):
        """Numbers of the living children of a process."""
        found = set()
        for pid in filter(str.isdigit, os.listdir("/proc")):
            state = Processes._state(pid)
            if state is not None and state[0] not in "ZX" and int(state[1]) == (parent or os.getpid()):
                found.add(int(pid))
        return found

    @staticmethod
    def is_alive(pid):
        state = Processes._state(pid)
        return state is not None and state[0] not in "ZX"

    @staticmethod
    def resident(pid="self"):
        with open(f"/proc/{pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    @staticmethod
    def descriptors():
        return len(os.listdir("/proc/self/fd"))

    @staticmethod
    def wait_until(condition, seconds=20):
        """Ten times what it should take; the only clock in these tests."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.01)

    @staticmethod
    def _state(pid):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                return stat.read().rpartition(")")[2].split()[:2]
        except OSError:
            return None


@pytest.fixture
def processes():
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no /proc here")
    return Processes
