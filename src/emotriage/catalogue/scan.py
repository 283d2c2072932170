"""Gaps that the walk itself leaves: what was not looked at, and why."""

from emotriage.model.finding import Rule, Severity


def _gap(name: str, title: str, explanation: str, false_positives: str) -> Rule:
    return Rule(
        id=f"scan.{name}",
        title=title,
        severity=Severity.INFO,
        explanation=explanation,
        false_positives=false_positives,
        incomplete=True,
    )


LIMIT_REACHED = _gap(
    "limit-reached",
    "A limit stopped the look",
    "The scan spent what it may spend on this artifact, or in all. What lies behind was not looked at.",
    "Very large honest files and archives; raise the limits for those.",
)
TOO_DEEP = _gap(
    "too-deep",
    "Containers are nested deeper than the limit",
    "The artifact was hashed by nobody and opened by nobody: it lies deeper than the scan goes.",
    "Backups of backups.",
)
NOT_REACHED = _gap(
    "not-reached",
    "Artifacts left over when the scan ended",
    "The scan ended before these artifacts had their turn.",
    "Very large archives.",
)
INPUT_TOO_LARGE = _gap(
    "input-too-large",
    "The input is larger than the limit",
    "Only the first and the last 16 MiB were looked at, and the hash is not known.",
    "Disk images and videos sent by mail.",
)
INPUT_FAILED = _gap(
    "input-failed",
    "The input could not be read to its end",
    "An I/O error, or the file changed or vanished during the scan.",
    "Failing disks and network folders.",
)
SPOOL_FULL = _gap(
    "spool-full",
    "Unpacked content is larger than the spool",
    "The head and the tail of the unpacked artifact were kept and looked at; the middle was only hashed.",
    "Videos and disk images in archives.",
)
NOT_READ = _gap(
    "not-read",
    "A kind of file that is not read yet",
    "The format is recognised, but no analyzer reads it, so nothing can be said about what it does.",
    "Every honest file of that kind.",
)
ENCRYPTED = _gap(
    "encrypted",
    "Encrypted content was not opened",
    "No password at hand opens it. Sending malware encrypted is the oldest way past a scanner.",
    "Confidential business mail, and all of PPAP.",
)
MALFORMED = _gap(
    "malformed",
    "Damaged structure was not read",
    "The structure contradicts its specification at a place where reading can't go on.",
    "Truncated downloads and files of old or rare programs.",
)
UNSUPPORTED = _gap(
    "unsupported",
    "A form of this format that is not read",
    "The format is read, but not this version, compression or layout of it.",
    "Files of old or rare programs.",
)
ANALYZER_FAILED = _gap(
    "analyzer-failed",
    "An analyzer failed",
    "An analyzer raised an exception outside its contract: a bug, and what it was looking at is not known.",
    "Always a bug: please report it with the exception's type.",
)
PLUGIN_FAILED = _gap(
    "plugin-failed",
    "An installed analyzer could not be loaded",
    "The analyzer is installed, but importing it failed or it was made for another version.",
    "A broken installation.",
)
WORKER_DIED = _gap(
    "worker-died",
    "The isolated worker ended before the scan did",
    "The worker crashed, hung past its deadline, or grew past its memory. What it had found is kept.",
    "Machines with too little memory.",
)
