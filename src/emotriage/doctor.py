"""What works on this machine: isolation, libraries, plugins, room. Nothing is assumed that can be tried."""

import platform
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec

from emotriage import __version__
from emotriage.api import ScanPool, layers
from emotriage.model.errors import UsageError
from emotriage.model.limits import MIB, Limits
from emotriage.model.verdict import Verdict
from emotriage.registry import installed
from emotriage.scoring.policy import Policy

ESSENTIAL_LAYERS = frozenset({"process", "memory", "limits"})
"""Without these a scan may outlive its deadline or take all memory; the others make a break-in worth less."""


@dataclass(frozen=True, slots=True)
class Library:
    """Something that may be missing.

    Attributes:
        module: that is imported.
        package: that brings it.
        without: what its absence costs.
    """

    module: str
    package: str
    without: str


LIBRARIES = (
    Library("Cryptodome", "pycryptodomex", "AES in ZIP files and encrypted Office documents are gaps"),
    Library("stream_unzip", "stream-unzip", "ZipCrypto is decrypted in Python: large members reach the limit on work"),
    Library("zstandard", "zstandard", "Zstandard content, in files of its own, ZIP and 7z, is a gap"),
    Library("rich", "rich", "no colour and no progress bar on terminals"),
    Library("pyexpat", "Python's own expat", "XML parts are gaps: no Office Open XML"),
    Library("bz2", "Python's own bz2", "bzip2 content is a gap"),
    Library("lzma", "Python's own lzma", "LZMA and xz content is a gap"),
    Library("zlib", "Python's own zlib", "deflated content is a gap: next to no ZIP"),
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried.

    Attributes:
        group: ``isolation``, ``python``, ``library``, ``plugin``, ``scratch`` or ``scan``.
        name: within the group.
        works: whether it does.
        essential: without it, nobody should scan here.
        note: what it is, or what its absence costs.
    """

    group: str
    name: str
    works: bool
    essential: bool
    note: str


@dataclass(frozen=True, slots=True)
class Report:
    """All that was tried."""

    engine: str
    checks: tuple[Check, ...]
    limits: Limits
    policy: Policy

    @property
    def is_fit(self) -> bool:
        """All that is essential works."""
        return all(one.works for one in self.checks if one.essential)


def examine(limits: Limits | None = None, policy: Policy | None = None) -> Report:
    """Try everything.

    Args:
        limits: of the scans to come.
        policy: of the scans to come; it says which plugins may run.
    """
    limits, policy = limits or Limits(), policy or Policy.default()
    checks = (*_isolation(), _python(), *map(_library, LIBRARIES), _scratch(limits), *_scan(limits, policy))
    return Report(f"emotriage {__version__}", checks, limits, policy)


def _isolation() -> list[Check]:
    return [Check("isolation", one.name, one.active, one.name in ESSENTIAL_LAYERS, one.note) for one in layers()]


def _python() -> Check:
    note = "archives, mails and Office files have parsers of our own: no fix of zipfile, tarfile or email matters here"
    version = f"{platform.python_implementation()} {platform.python_version()}"
    return Check("python", version, sys.version_info >= (3, 11), essential=True, note=note)


def _library(one: Library) -> Check:
    found = find_spec(one.module) is not None
    return Check("library", one.package, found, essential=False, note="installed" if found else one.without)


def _scratch(limits: Limits) -> Check:
    try:
        folder = tempfile.gettempdir()
        with tempfile.TemporaryFile():
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("scratch", "none", works=False, essential=True, note=error.strerror or type(error).__name__)
    room = f"{free // MIB} MiB free, an unpacked artifact takes up to {limits.spooled_bytes // MIB}"
    return Check("scratch", folder, free >= limits.spooled_bytes, essential=True, note=room)


def _scan(limits: Limits, policy: Policy) -> list[Check]:
    """A scan as it will be, with every plugin that the policy lets run."""
    try:
        names = [one.name for one in installed(None, policy.plugins)]
        with ScanPool(limits=limits, policy=policy) as pool:
            verdict = pool.scan(b"Nothing is wrong with this text.\n", "doctor.txt")
    except UsageError as error:  # the policy names a plugin that is not installed
        return [Check("plugin", "policy", works=False, essential=True, note=str(error))]
    failed = _failed(verdict)
    plugins = [Check("plugin", name, name not in failed, False, failed.get(name, "loaded")) for name in names]
    gaps = [one for one in verdict.gaps if one.rule != "scan.plugin-failed"]
    note = "; ".join(f"{one.rule} {one.evidence[0].text if one.evidence else ''}" for one in gaps) or "complete"
    return [*plugins, Check("scan", "isolated", not gaps, True, note)]


def _failed(verdict: Verdict) -> dict[str, str]:
    found = [one for one in verdict.findings if one.rule == "scan.plugin-failed"]
    said = [proof.text.partition(": ") for one in found for proof in one.evidence]
    return {name: reason for name, _, reason in said}
