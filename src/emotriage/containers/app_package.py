"""Apps in archives: what their manifests say; the members themselves go the way of every ZIP archive."""

import re
from collections.abc import Iterator

from emotriage.catalogue import app as rules
from emotriage.formats.app_manifest import Manifest, read_java_manifest, read_manifest
from emotriage.formats.zip import Archive, Member, read_archive
from emotriage.model.analyzer import Found, Subject, analyzer
from emotriage.model.errors import FormatError
from emotriage.model.finding import Evidence
from emotriage.model.limits import MIB, RECORD

_EVIDENCE = 16
_JAVA = "meta-inf/manifest.mf"
_WINDOWS = ("appxmanifest.xml", "appxmetadata/appxbundlemanifest.xml")
_TRUST = frozenset({"runfulltrust", "allowelevation"})
_AUTOSTART = re.compile(r"(?i)windows\.(?:startupTask|service|backgroundTasks)$")
_SCRIPT = re.compile(rb'"scriptPath"\s{0,64}:\s{0,64}"([^"\r\n]{1,1024})"')


@analyzer("app-package", kinds={"jar", "msix"})
def ANALYZER(subject: Subject) -> Iterator[Found]:
    """Say what kind of app it is, and what it starts."""
    archive = subject.view(read_archive)
    names: dict[str, Member] = {}
    for one in archive.members:
        subject.budget.spend(RECORD)
        names.setdefault(one.name.lower().replace("\\", "/"), one)
    if subject.kind == "msix":
        yield from _windows(subject, archive, names)
        return
    if "androidmanifest.xml" in names or "classes.dex" in names:
        shown = [names[one] for one in ("androidmanifest.xml", "classes.dex") if one in names]
        yield rules.ANDROID(*(Evidence(one.name, offset=one.offset) for one in shown))
    yield from _java(subject, archive, names)


def _java(subject: Subject, archive: Archive, names: dict[str, Member]) -> Iterator[Found]:
    classes = [one for name, one in names.items() if name.endswith(".class")]
    main = ""
    if (member := names.get(_JAVA)) is not None:
        try:
            said = read_java_manifest(archive.read(member, subject.budget, MIB), subject.budget)
        except FormatError as error:
            yield rules.NOT_READ(Evidence(str(error), member.name, member.offset))
        else:
            main = next((said[one] for one in ("main-class", "premain-class", "agent-class") if said.get(one)), "")
    if main or classes:
        evidence = [Evidence(main, where="META-INF/MANIFEST.MF")] if main else []
        yield rules.JAVA(*evidence, *(Evidence(one.name, offset=one.offset) for one in classes[: _EVIDENCE - 1]))


def _windows(subject: Subject, archive: Archive, names: dict[str, Member]) -> Iterator[Found]:
    manifest = Manifest()
    for one in (names[name] for name in _WINDOWS if name in names):
        try:
            manifest = read_manifest(archive.stream(one, subject.budget), subject.budget)
            problems = list(manifest.anomalies)
        except FormatError as error:
            yield rules.NOT_READ(Evidence(str(error), one.name, one.offset))
            continue
        if problems:
            yield rules.NOT_READ(*(Evidence(each.code, one.name) for each in problems[:_EVIDENCE]))
    said = (manifest.name, manifest.publisher, *manifest.shown, *manifest.programs)
    yield rules.WINDOWS_PACKAGE(*[Evidence(one, where="manifest") for one in said if one][:_EVIDENCE])
    if trust := [one for one in manifest.capabilities if one.lower() in _TRUST]:
        yield rules.FULL_TRUST(*(Evidence(one, where="capability") for one in trust))
    if starts := [one for one in manifest.extensions if _AUTOSTART.match(one)]:
        yield rules.AUTOSTART(*(Evidence(one, where="extension") for one in starts[:_EVIDENCE]))
    if (config := names.get("config.json")) is not None:
        yield from _start_script(subject, archive, config)


def _start_script(subject: Subject, archive: Archive, config: Member) -> Iterator[Found]:
    """Package Support Framework: ``startScript`` and ``endScript`` of an application."""
    try:
        raw = archive.read(config, subject.budget, MIB)
    except FormatError as error:
        yield rules.NOT_READ(Evidence(str(error), config.name, config.offset))
        return
    subject.budget.spend(4 * len(raw))
    if b"Script" in raw and (found := _SCRIPT.findall(raw)):
        yield rules.STARTS_SCRIPT(
            *(Evidence(one.decode("utf-8", "replace"), where=config.name) for one in found[:_EVIDENCE])
        )
