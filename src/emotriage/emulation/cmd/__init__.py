"""What a command line for cmd.exe comes to: variables, loops and conditions carried out, nothing run.

Follows ``cmd /?``, ``set /?``, ``for /?`` and ``if /?``. A line such as ``cmd /v /c "set x=...&&for %i in (3,1,2) do
set y=!y!!x:~%i,1!&&if %i==2 call %y%"`` is carried out on texts alone; what it would start in the end is what counts.
"""

import re

from emotriage.emulation.cmd.session import LONGEST, Session
from emotriage.model.limits import Budget

_WORTH = re.compile(r"(?i)\bset\b|\bfor\b|\bcall\b")


def started(line: str, budget: Budget) -> tuple[str, ...]:
    """The commands that a command line would start in the end, in order; empty for one that needs no carrying out.

    Args:
        line: as it is given to the system.
        budget: charged for every step.
    """
    session = Session(budget)
    if inner := session.inner(session.filled(line[:LONGEST], "%")):
        session.carry_out(inner if _WORTH.search(inner) else "")
    return tuple(one.line for one in session.started)
