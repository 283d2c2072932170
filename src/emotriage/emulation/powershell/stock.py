"""Variables that PowerShell has on a stock Windows: names are cut out of their letters."""

from emotriage.emulation.powershell.values import Thing, Value
from emotriage.emulation.vba.values import UNKNOWN

ENVIRONMENT = {
    "comspec": r"C:\Windows\system32\cmd.exe", "public": r"C:\Users\Public", "windir": r"C:\Windows",
    "systemroot": r"C:\Windows", "programdata": r"C:\ProgramData", "systemdrive": "C:", "os": "Windows_NT",
    "pathext": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC", "allusersprofile": r"C:\ProgramData",
    "programfiles": r"C:\Program Files", "commonprogramfiles": r"C:\Program Files\Common Files",
    "processor_architecture": "AMD64",
    "psmodulepath": r"C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules",
}  # fmt: skip
VARIABLES: dict[str, Value] = {
    "true": True, "false": False, "null": None, "pshome": r"C:\Windows\System32\WindowsPowerShell\v1.0",
    "shellid": "Microsoft.PowerShell", "verbosepreference": "SilentlyContinue", "ofs": " ", "pid": UNKNOWN,
    "erroractionpreference": "Continue", "maximumdrivecount": 4096, "maximumaliascount": 4096,
    "executioncontext": Thing("executioncontext"), "home": "%USERPROFILE%",
}  # fmt: skip
