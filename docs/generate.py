"""Write the generated pages: rules, kinds, scoring and schema. With --check, fail when one of them is stale."""

import inspect
import re
import sys
from pathlib import Path

from emotriage.catalogue import rules
from emotriage.catalogue.kinds import KINDS
from emotriage.model.finding import Severity
from emotriage.model.limits import Limits
from emotriage.reports.rules import rules_page
from emotriage.reports.schema import schema_text
from emotriage.scoring.policy import Policy
from emotriage.scoring.policy_file import KEYS

HERE = Path(__file__).resolve().parent


def kinds_page() -> str:
    """The table of kinds."""
    lines = [
        "# What “looked at” means",
        "",
        "One line a kind. *recursed*: what is in it becomes an artifact of its own. *judged*: analyzers look at what it",
        "does. *passive*: hashed and searched for active magic; it may be clean. *gap*: recognised, not read; a verdict",
        "with a gap is never clean.",
        "",
        "| kind | what it is | treatment | note |",
        "|---|---|---|---|",
    ]
    lines += [f"| `{one.name}` | {one.title} | {one.treatment} | {one.note} |" for one in KINDS.values()]
    return "\n".join([*lines, ""])


def scoring_page() -> str:
    """Every number of the default policy."""
    policy = Policy.default()
    meanings = _attributes(Limits)
    lines = [
        "# Scoring",
        "",
        "A finding weighs its severity times its confidence. One *path* is scored at a time (an artifact and all it is",
        "inside of), and the worst path decides. On a path, a rule counts once, the weak signs of one family stop adding",
        f"up at {policy.family_cap}, and the best chain of traits is added. The score stops at 100. A guess (confidence of",
        "0.3 or less) lends points but no traits. Every line of this sum is in the verdict's `account`.",
        "",
        f"`malicious` from {policy.malicious}, `suspicious` from {policy.suspicious}; below that `clean` if all of it was",
        "looked at, else `unverified`.",
        "",
        "| severity | points |",
        "|---|--:|",
        *(f"| {one.name.lower()} | {int(one)} |" for one in Severity),
        "",
        "## Chains",
        "",
        "| intent | traits | points |",
        "|---|---|--:|",
        *(f"| {chain.name} | {', '.join(sorted(chain.traits))} | {chain.points} |" for chain in policy.chains),
        "",
        "## Policy files",
        "",
        "`emotriage scan --policy FILE` and `Policy.load(path)` read TOML. What a file does not say is as above. An unknown",
        "key, a wrong type or a number out of range is refused before the first scan. No policy makes incomplete clean:",
        "a rule that says what was not looked at may be raised, not ignored.",
        "",
        "| key | meaning |",
        "|---|---|",
        *(f"| `{key}` | {meaning} |" for key, meaning in KEYS.items()),
        "",
        "## Limits",
        "",
        "`emotriage scan --limits FILE` and `Limits.load(path)` read TOML: a line for each limit that is not the default,",
        "as in `seconds = 10`. Every value is an integer from 1 to the most that is given here; 0 is refused.",
        "",
        "| limit | default | most | meaning |",
        "|---|--:|--:|---|",
        *(
            f"| `{name}` | {value:,} | {Limits.most(name):,} | {meanings[name]} |"
            for name, value in Limits().to_dict().items()
        ),
        "",
    ]
    return "\n".join(lines)


def _attributes(kind: type) -> dict[str, str]:
    """What the docstring of a data class says of its attributes."""
    section = inspect.getdoc(kind).partition("Attributes:\n")[2]
    return {name: text.rstrip(".") for name, text in re.findall(r"^ +(\w+): (.+)$", section, re.MULTILINE)}


def schema_page() -> str:
    """The verdict's JSON Schema."""
    return "\n".join(
        [
            "# Verdict schema",
            "",
            "The verdict as JSON, schema `emotriage.verdict/1`. Fields are added, never renamed. `emotriage schema` prints",
            "the same text.",
            "",
            "```json",
            schema_text(),
            "```",
            "",
        ]
    )


PAGES = {
    "rules.md": lambda: rules_page(rules().values()),
    "kinds.md": kinds_page,
    "scoring.md": scoring_page,
    "schema.md": schema_page,
}


def main() -> int:
    """Write the pages, or check them."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, page in PAGES.items():
        path, text = HERE / name, page()
        if check:
            if not path.exists() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, "utf-8")
    if stale:
        sys.stderr.write(f"stale: {', '.join(stale)}; run `make docs`\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
