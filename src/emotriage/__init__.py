"""emotriage: static triage of mail attachments, with every point explained.

>>> from emotriage import scan
>>> verdict = scan(b"hello")
>>> verdict.level
<Level.CLEAN: 0>
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from emotriage.api import ScanPool, scan
    from emotriage.model.analyzer import Child, Subject, analyzer
    from emotriage.model.blob import Blob
    from emotriage.model.errors import EmotriageError, UsageError
    from emotriage.model.finding import Evidence, Finding, Rule, Severity, Trait
    from emotriage.model.indicator import Indicator
    from emotriage.model.limits import Limits
    from emotriage.model.progress import Progress
    from emotriage.model.step import Recovered, Step
    from emotriage.model.verdict import Artifact, Level, Verdict
    from emotriage.scoring.policy import Policy

_HOMES = {
    "scan": "api",
    "ScanPool": "api",
    "Child": "model.analyzer",
    "Subject": "model.analyzer",
    "analyzer": "model.analyzer",
    "Blob": "model.blob",
    "EmotriageError": "model.errors",
    "UsageError": "model.errors",
    "Evidence": "model.finding",
    "Finding": "model.finding",
    "Rule": "model.finding",
    "Severity": "model.finding",
    "Trait": "model.finding",
    "Indicator": "model.indicator",
    "Limits": "model.limits",
    "Progress": "model.progress",
    "Recovered": "model.step",
    "Step": "model.step",
    "Artifact": "model.verdict",
    "Level": "model.verdict",
    "Verdict": "model.verdict",
    "Policy": "scoring.policy",
}

__all__ = [
    "Artifact",
    "Blob",
    "Child",
    "EmotriageError",
    "Evidence",
    "Finding",
    "Indicator",
    "Level",
    "Limits",
    "Policy",
    "Progress",
    "Recovered",
    "Rule",
    "ScanPool",
    "Severity",
    "Step",
    "Subject",
    "Trait",
    "UsageError",
    "Verdict",
    "__version__",
    "analyzer",
    "scan",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  any public name
    """Import a public name when it is first used: `import emotriage` alone costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'emotriage' has no attribute {name!r}")
    value = getattr(import_module(f"emotriage.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
