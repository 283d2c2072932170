"""What each finding means: one module a family, one constant a rule."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from emotriage.model.finding import Rule


@cache
def rules() -> dict[str, Rule]:
    """All built-in rules by id, in the order of their ids."""
    found: dict[str, Rule] = {}
    for module in sorted(one.name for one in iter_modules(__path__)):
        for value in vars(import_module(f"{__name__}.{module}")).values():
            if isinstance(value, Rule):
                found[value.id] = value
    return dict(sorted(found.items()))
