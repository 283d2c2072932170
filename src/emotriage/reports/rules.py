"""What the rules mean: for the terminal, and as the documentation's page."""

from collections.abc import Iterable

from emotriage.model.finding import Rule


def rule_list(rules: Iterable[Rule]) -> str:
    """One line a rule."""
    return "\n".join(f"{rule.id:36} {_severity(rule):9} {rule.title}" for rule in rules)


def rule_card(rule: Rule) -> str:
    """All that is declared of one rule."""
    lines = [rule.id, f"  {rule.title}", "", f"  severity: {_severity(rule)} ({int(rule.severity)} points)"]
    if rule.traits:
        lines.append(f"  traits: {', '.join(sorted(rule.traits))}")
    if rule.attack:
        lines.append(f"  ATT&CK: {', '.join(rule.attack)}")
    lines += ["", f"  {rule.explanation}", "", f"  False positives: {rule.false_positives}"]
    return "\n".join(lines)


def rules_page(rules: Iterable[Rule]) -> str:
    """The documentation's page of rules, as Markdown."""
    lines = ["# Rules", "", "Generated from the catalogue; the check fails when this page is stale.", ""]
    family = ""
    for rule in rules:
        if rule.family != family:
            family = rule.family
            lines += [f"## {family}", ""]
        lines += [f"### {rule.id}", "", f"**{rule.title}**", "", rule.explanation, ""]
        facts = [f"severity {_severity(rule)} ({int(rule.severity)})"]
        if rule.traits:
            facts.append(f"traits {', '.join(sorted(rule.traits))}")
        if rule.attack:
            facts.append(f"ATT&CK {', '.join(rule.attack)}")
        lines += [f"- {'; '.join(facts)}", f"- False positives: {rule.false_positives}", ""]
    return "\n".join(lines)


def _severity(rule: Rule) -> str:
    return "gap" if rule.incomplete and not rule.severity else rule.severity.name.lower()
