"""What emotriage says of labelled files beside olevba and mraptor: a table, one line a folder.

    python bench/compare.py FOLDER

FOLDER holds one folder for each sort of file. A file counts as flagged by emotriage when it is suspicious or worse, by
mraptor when it says so, by olevba when it lists an automatic start and a suspicious word. "Recovered" is an address of
somebody's own, or a command that does not stand in the file; for olevba it is what it lists as IOC.

Runs in an environment of its own (bench/.venv), since oletools is no dependency of emotriage; see `make bench`.
"""

import logging
import multiprocessing
import os
import sys
import warnings
from collections import defaultdict
from pathlib import Path

from emotriage import Level, ScanPool, Verdict

SECONDS = 60
COLUMNS = ("flagged", "malicious", "mraptor", "olevba", "recovered", "olevba recovered")
_NOT_OWN = ("schemas.", "www.w3.org", "purl.org", "ns.adobe.com", "crl.", "ocsp.", "verisign", "digicert")


def ours(verdict: Verdict) -> dict[str, bool]:
    """What emotriage says."""
    found = [one for one in verdict.indicators if one.kind in ("url", "command")]
    own = [
        one
        for one in found
        if not any(host in one.value.lower() for host in _NOT_OWN) and (one.kind == "url" or one.origin != "literal")
    ]
    return {
        "flagged": verdict.level >= Level.SUSPICIOUS,
        "malicious": verdict.level is Level.MALICIOUS,
        "recovered": bool(own),
    }


def theirs(path: str) -> dict[str, bool]:
    """What the others say; nothing where they fail."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        sys.stdout = nothing
        try:
            return _theirs(path)
        except Exception:  # noqa: BLE001  whatever they raise is their answer
            return {}
        finally:
            sys.stdout = sys.__stdout__


def _theirs(path: str) -> dict[str, bool]:
    from oletools.mraptor import MacroRaptor
    from oletools.olevba import VBA_Parser

    parser = VBA_Parser(path)
    if not parser.detect_vba_macros():
        parser.close()
        return {}
    code = "".join(part for *_, part in parser.extract_all_macros())
    judge = MacroRaptor(code)
    judge.scan()
    rows = parser.analyze_macros(show_decoded_strings=False, deobfuscate=False)
    kinds = {one[0] for one in rows}
    parser.close()
    return {
        "mraptor": bool(judge.suspicious),
        "olevba": {"AutoExec", "Suspicious"} <= kinds,
        "olevba recovered": "IOC" in kinds,
    }


def main() -> int:
    """Print the table; 64 when called wrongly."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        print(__doc__)
        return 64
    count: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    folders = sorted(one for one in Path(sys.argv[1]).iterdir() if one.is_dir())
    with ScanPool(jobs=2) as pool, multiprocessing.Pool(2, maxtasksperchild=50) as others:
        for folder in folders:
            files = sorted(str(one) for one in folder.iterdir())
            waiting = [others.apply_async(theirs, (one,)) for one in files]
            for verdict, answer in zip(pool.scan_many(files), waiting, strict=True):
                count[folder.name]["files"] += 1
                try:
                    said = answer.get(SECONDS)
                except multiprocessing.TimeoutError:
                    said = {}
                for column, yes in {**ours(verdict), **said}.items():
                    count[folder.name][column] += yes
    print(f"| files | n | {' | '.join(COLUMNS)} |\n|---|--:|{'--:|' * len(COLUMNS)}")
    for name, row in count.items():
        print(f"| {name} | {row['files']} | {' | '.join(str(row[one]) for one in COLUMNS)} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
