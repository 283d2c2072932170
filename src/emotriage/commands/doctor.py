"""`emotriage doctor`: what works on this machine."""

import argparse
import json
import sys
from dataclasses import asdict

from emotriage.doctor import Report, examine
from emotriage.model.limits import Limits
from emotriage.reports.safe import safe_text
from emotriage.scoring.policy import Policy

SCHEMA = "emotriage.doctor/1"
EXIT_UNFIT = 10


def run(options: argparse.Namespace) -> int:
    """Try everything and tell; 0 when all that is essential works, else 10.

    Raises:
        UsageError: limits or a policy that mean nothing.
    """
    limits = Limits.load(options.limits) if options.limits else None
    policy = Policy.load(options.policy) if options.policy else None
    report = examine(limits, policy)
    sys.stdout.write((_json if options.format == "json" else _text)(report) + "\n")
    return 0 if report.is_fit else EXIT_UNFIT


def _json(report: Report) -> str:
    plain = {
        "schema": SCHEMA,
        "engine": report.engine,
        "fit": report.is_fit,
        "policy": {"name": report.policy.name, "sha256": report.policy.sha256},
        "limits": report.limits.to_dict(),
        "checks": [asdict(one) for one in report.checks],
    }
    return json.dumps(plain, ensure_ascii=True)


def _text(report: Report) -> str:
    lines = [f"{report.engine}, policy {safe_text(report.policy.name)} {report.policy.sha256[:12]}"]
    group = ""
    for one in report.checks:
        if one.group != group:
            group = one.group
            lines += ["", group]
        mark = "ok" if one.works else "FAILED" if one.essential else "missing"
        lines.append(f"  {mark:<8}{safe_text(one.name):<22}{safe_text(one.note, 400)}")
    lines += ["", "limits", *(f"  {name:<30}{value:>20,}" for name, value in report.limits.to_dict().items())]
    says = "All that is essential works." if report.is_fit else "Do not scan here: something essential is missing."
    return "\n".join([*lines, "", says])
