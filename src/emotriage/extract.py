"""Unpacked artifacts as files of a folder: each under the hash of what was written, none that can be started.

A name from an input is never a file's name; it stands in the manifest.
"""

import contextlib
import errno
import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from emotriage.model.errors import UsageError
from emotriage.model.limits import Limits
from emotriage.model.new_file import Draft, open_folder, write_all
from emotriage.model.verdict import Verdict

MANIFEST = "manifest.json"
SCHEMA = "emotriage.manifest/1"
SUFFIX = ".bin"
"""Says nothing, so that no program is started by it."""
_BLOCK = 1 << 20


class Folder:
    """Where artifacts go, and the manifest of what they are; usable from several threads.

    Example::

        with ScanPool() as pool, Folder("artifacts") as folder:
            parcel = folder.parcel()
            verdict = pool.scan("invoice.zip", sink=parcel)
            folder.note(verdict, parcel)

    Attributes:
        error: why nothing is written any more, such as a full disk.
    """

    def __init__(self, path: str | os.PathLike[str], limits: Limits | None = None) -> None:
        """Open the folder; it is made, for its owner alone, if it is not there.

        Args:
            path: of the folder; a link to one is refused.
            limits: of the scans; what they allow to unpack is what is written at most.

        Raises:
            UsageError: not a folder that can be written to, or one that has a manifest already.
        """
        self.error: OSError | None = None
        self.limits = limits or Limits()
        self._path = os.fspath(path)
        self._at: int | None = None
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._count = 0
        try:
            self._at = open_folder(self._path)
            if self._exists(MANIFEST):
                raise UsageError(f"{self._path!r} has a {MANIFEST} already")
            self._manifest = self.draft()
            write_all(self._manifest.descriptor, f'{{"schema": "{SCHEMA}", "inputs": ['.encode())
        except (OSError, ValueError) as error:
            self._release()
            if isinstance(error, UsageError):
                raise
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError(f"cannot extract to {self._path!r}: {reason}") from error

    def parcel(self) -> "Parcel":
        """A sink for the artifacts of one scan."""
        return Parcel(self)

    def note(self, verdict: Verdict, parcel: "Parcel") -> None:
        """Write what the scan found into the manifest."""
        entry = json.dumps(_entry(verdict, parcel.finish()), ensure_ascii=True)
        if self.error is None:
            try:
                write_all(self._manifest.descriptor, f"{',' if self._count else ''}\n{entry}".encode())
            except OSError as error:
                self.error = error
            self._count += 1

    def close(self) -> None:
        """Let the manifest appear.

        Raises:
            OSError: not all could be written; what is there is whole.
        """
        try:
            if self.error is None:
                write_all(self._manifest.descriptor, b"\n]}\n")
                self._manifest.publish(MANIFEST)
        finally:
            self._manifest.close()
            self._release()
        if self.error is not None:
            raise self.error

    def draft(self) -> Draft:
        """A new file of the folder."""
        return Draft(self._path, self._at)

    def adopt(self, draft: Draft, sha256: str) -> str:
        """Let a draft appear under its hash; one content is kept once.

        Raises:
            OSError: something else has that name, or the disk is full.
        """
        name = sha256 + SUFFIX
        with self._lock:
            if sha256 not in self._known:
                try:
                    draft.publish(name)
                except FileExistsError:
                    if not self._holds(name, sha256):
                        raise FileExistsError(errno.EEXIST, f"{name} is there and is something else") from None
                self._known.add(sha256)
        return name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        if not self._count:
            self.error = self.error or OSError()  # nothing is in it, so nothing appears
        with contextlib.suppress(OSError):
            self.close()

    def _open(self, name: str) -> int:
        path = name if self._at is not None else os.path.join(self._path, name)  # noqa: PTH118
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        return os.open(path, flags, dir_fd=self._at)

    def _exists(self, name: str) -> bool:
        try:
            os.close(self._open(name))
        except OSError as error:
            return error.errno != errno.ENOENT
        return True

    def _holds(self, name: str, sha256: str) -> bool:
        """Is the file of that name, from an earlier run, the very content?"""
        try:
            descriptor = self._open(name)
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                return False
            with os.fdopen(descriptor, "rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == sha256
        except OSError:
            return False

    def _release(self) -> None:
        if self._at is not None:
            os.close(self._at)
            self._at = None


class Parcel:
    """The artifacts of one scan: a `Sink` that believes nothing but what it counts and hashes itself."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._room = folder.limits.expanded_bytes
        self._files: dict[int, tuple[str, str]] = {}
        self._begun = 0
        self._artifact = 0
        self._draft: Draft | None = None
        self._sha256 = hashlib.sha256()
        self._size = 0

    def begin(self, artifact: int) -> None:
        """The bytes of this artifact follow."""
        self._drop()
        self._begun += 1
        if self._folder.error is None and self._begun <= self._folder.limits.children:
            with self._watched():
                self._draft = self._folder.draft()
                self._artifact, self._size, self._sha256 = artifact, 0, hashlib.sha256()

    def begin_text(self, artifact: int, name: str, language: str) -> None:  # noqa: ARG002  a sink's methods
        """A recovered text is no artifact: it is not kept."""
        self._drop()

    def data(self, piece: bytes) -> None:
        """The next bytes."""
        if self._takes(len(piece)) and self._draft is not None:
            with self._watched():
                write_all(self._draft.descriptor, piece)
                self._sha256.update(piece)

    def run(self, length: int, byte: int) -> None:
        """The next bytes, all the same; zeros are left out of the file, where the file system can."""
        if not self._takes(length) or self._draft is None:
            return
        block = bytes([byte]) * min(length, _BLOCK)
        with self._watched():
            if not byte:
                os.lseek(self._draft.descriptor, length, os.SEEK_CUR)
            for done in range(0, length, _BLOCK):
                piece = block[: length - done]
                self._sha256.update(piece)
                if byte:
                    write_all(self._draft.descriptor, piece)

    def end(self) -> None:
        """These were all of them."""
        if self._draft is not None:
            with self._watched():
                os.ftruncate(self._draft.descriptor, self._size)
                digest = self._sha256.hexdigest()
                self._files[self._artifact] = self._folder.adopt(self._draft, digest), digest
        self._drop()

    def finish(self) -> dict[int, tuple[str, str]]:
        """(file, sha256) of the artifacts that were kept, by number."""
        self._drop()
        return self._files

    def _takes(self, length: int) -> bool:
        """Is there room for so much more? An artifact that does not fit is not kept at all."""
        if length > self._room:
            self._drop()
            return False
        if self._draft is not None:
            self._room -= length
            self._size += length
        return True

    def _drop(self) -> None:
        if self._draft is not None:
            self._draft.close()
            self._draft = None

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """What goes wrong with the disk ends the folder, never the scan."""
        try:
            yield
        except OSError as error:
            self._folder.error = self._folder.error or error
            self._drop()


def _entry(verdict: Verdict, files: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """What the manifest says of one input. A file is `whole` when it is what the scan hashed."""
    by_hash = {sha256: name for name, sha256 in files.values()}
    artifacts = []
    for one in verdict.artifacts:
        name, sha256 = files.get(one.id, (by_hash.get(one.sha256 or ""), one.sha256))
        artifacts.append(
            {
                "id": one.id,
                "parent": one.parent,
                "name": one.name,
                "kind": one.kind,
                "size": one.size,
                "sha256": one.sha256,
                "file": name,
                "whole": name is not None and sha256 == one.sha256,
            }
        )
    return {
        "name": verdict.name,
        "sha256": verdict.sha256,
        "level": str(verdict.level),
        "score": verdict.score,
        "complete": verdict.complete,
        "artifacts": artifacts,
    }
