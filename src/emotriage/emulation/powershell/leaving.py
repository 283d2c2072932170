"""How a PowerShell script leaves a loop, a function or itself."""

from emotriage.emulation.powershell.values import Value


class Leave(Exception):
    """``break``, ``continue`` and ``return`` on their way."""

    def __init__(self, kind: str, value: Value = None) -> None:
        super().__init__()
        self.kind = kind
        self.value = value
