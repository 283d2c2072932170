"""Names that say nothing: programs and libraries that are on every machine, or that install themselves by bare name."""

from emotriage.emulation import programs

_STOCK_PROGRAMS = """
7z acrobat acrord32 adb appcmd arp attrib bash bcdedit bginfo calc cd certmgr charmap chkdsk chrome cleanmgr
cleartool code compact copy dcdiag defrag devenv dfrgui diskpart dism docker dotnet driverquery eventvwr excel expand
explorer fc find findstr firefox fsutil git gpedit gpresult gpupdate hostname iexplore iisreset ipconfig java javac
javaw javaws klist logoff magnify makecab more mspaint msaccess mstsc msedge msinfo32 nbtstat net net1 netsh netstat
node notepad notepad++ npm nslookup ntbackup onedrive onenote opera osk outlook pathping perl php ping pip powerpnt
psexec psql putty py python python3 pythonw query quser reg regedit regedt32 resmon robocopy route ruby runas sc sdelete
selfservice services sfc sh shutdown sleep snippingtool sort sqlcmd sqlplus start stikynot subst svn systeminfo
tabcal tar taskkill tasklist taskmgr teams telnet timeout tracert tree tsdiscon tscon vim visio vssadmin w32tm waitfor
wevtutil where whoami winget winver winword winscp wordpad wscript wsl wt wuapp xcopy yarn
"""
_STOCK_LIBRARIES = """
acproxy advapi32 amcompat appwiz appxdeploymentclient cabview cdm cmd comctl32 cryptext cryptui devmgr dfshim display
dsquery dui70 fdprint firewallcontrolpanel fontext hotplug ieframe inetcpl iernonce input intl joy keymgr localspl
main mmsys mscoree mshtml msi msports mstask ndfapi netplwiz netshell newdev ntlanui ntlanui2 ntprint odbcad32 oobefldr
photoviewer pcwutl powrprof printui psbase rasdlg rasgcw scrobj sendmail setupapi shdocvw shell32 shimgvw shsetup
shwebsvc shwiz srchadmin startupscan sti_ci stobject sysdm syssetup tapiui telephon themecpl themeui timedate url
urlmon user32 user uxtheme van wdc werconcpl windows.storage.applicationdata wininet wuaueng wlanpref xwizards
zipfldr
"""
STOCK = frozenset(_STOCK_PROGRAMS.split()) | frozenset(_STOCK_LIBRARIES.split()) | programs.SCRIPT_HOSTS
STOCK |= programs.PROXIES | programs.FETCHERS
"""Programs and libraries that Windows finds by their bare name on every machine, or that install themselves so."""

_INTERPRETERS = """
autohotkey autoit3 excel java javaw node perl php powerpnt py python pythonw ruby winword wt
"""
INTERPRETERS = frozenset(_INTERPRETERS.split())
"""Programs beside the system's own that run a file they are given."""
