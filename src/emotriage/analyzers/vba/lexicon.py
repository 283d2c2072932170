"""Names that matter in VBA: procedures that hosts call, functions, classes and tools that act on the system."""

from emotriage.emulation.vba.vocabulary import words

AUTO_PROCEDURES = words("""
    autoexec autoopen autonew autoclose autoexit auto_open auto_close auto_activate auto_deactivate auto_exec auto_exit
    auto_new document_open document_new document_close document_beforeclose document_documentopened
    document_documentcreated document_contentcontrolonenter document_contentcontrolonexit
    document_contentcontrolafteradd document_contentcontrolbeforedelete document_contentcontrolbeforecontentupdate
    document_contentcontrolbeforestoreupdate document_buildingblockinsert document_xmlafterinsert
    document_xmlbeforedelete document_sync document_mailmergewizardstatechange document_beforedocumentclose
    document_documentsaved document_runmodeentered document_designmodeentered
    workbook_open workbook_activate workbook_deactivate workbook_beforeclose workbook_close workbook_beforesave
    workbook_aftersave workbook_beforeprint workbook_windowactivate workbook_windowdeactivate workbook_windowresize
    workbook_sheetactivate workbook_sheetdeactivate workbook_sheetcalculate workbook_sheetchange
    workbook_sheetselectionchange workbook_sheetfollowhyperlink workbook_addininstall workbook_addinuninstall
    workbook_newsheet workbook_sync workbook_pivottableopenconnection workbook_rowsetcomplete workbook_modelchange
    worksheet_activate worksheet_deactivate worksheet_calculate worksheet_change worksheet_selectionchange
    worksheet_followhyperlink worksheet_pivottableupdate worksheet_tableupdate worksheet_beforerightclick
    worksheet_beforedoubleclick chart_activate chart_calculate
    application_startup application_newmail application_newmailex application_quit application_reminder
    application_itemsend application_mapilogoncomplete application_itemload
    onslideshowpagechange onslideshowterminate onslideshowbegin presentation_open presentation_close
    presentation_open slideshowbegin project_open project_activate project_beforeclose database_open form_open form_load
    app_documentopen app_documentchange app_workbookopen app_newworkbook app_presentationopen app_newdocument
    app_windowactivate app_slideshowbegin
""")
"""Procedures that Word, Excel, PowerPoint, Outlook, Visio, Project and Access call by themselves."""

CONTROL_EVENTS = words("""
    layout painted painting mousemove gotfocus mouseenter mouseleave mousehover navigatecomplete navigatecomplete2
    beforenavigate beforenavigate2 documentcomplete downloadbegin downloadcomplete progresschange titlechange
    statustextchange commandstatechange newwindow2 newwindow3 openstatechange playstatechange mediachange
    readystatechange onconnecting onconnected ondisconnected onlogincomplete onrequestgofullscreen
    onauthenticationwarningdisplayed
""")
"""Events that a control raises when it is shown or merely passed over."""

CONTROL_EVENTS_OF_CONTROLS = words("paint resize lostfocus error warning timer tick propertychange statuschange")
"""More of them, whose names are too common to be believed where no control of that name is declared."""

CLICK_EVENTS = words("""
    click dblclick mousedown mouseup keydown keypress keyup change enter exit beforeupdate afterupdate spinup spindown
    scroll dropbuttonclick beforedroporpaste beforedragover addcontrol removecontrol zoom
""")
"""Events that need the user's hand."""

EXECUTE_NAMES = words("""
    shellexecute shellexecutea shellexecutew shellexecuteex shellexecuteexa shellexecuteexw winexec createprocess
    createprocessa createprocessw createprocessasuser createprocessasusera createprocesswithlogonw
    createprocessinternalw execshell popen wshshell iwshruntimelibrary transformnode transformnodetoobject
""")
"""Functions, methods and types that start programs; style sheets of XML hold script."""

EXECUTE_SYMBOLS = EXECUTE_NAMES | words("system execve execl execv")
"""The same as symbols of a dynamic library."""

DOWNLOAD_NAMES = words("""
    urldownloadtofile urldownloadtofilea urldownloadtofilew urldownloadtocachefile urldownloadtocachefilea
    urldownloadtocachefilew urlopenblockingstream urlopenblockingstreama xmlhttp xmlhttp30 xmlhttp40 xmlhttp60
    serverxmlhttp serverxmlhttp30 serverxmlhttp40 serverxmlhttp60 winhttprequest internetopenurl internetopenurla
    internetopenurlw internetreadfile internetreadfileexa httpopenrequest httpopenrequesta httpopenrequestw
    httpsendrequest httpsendrequesta httpsendrequestw winhttpopen winhttpsendrequest winhttpreaddata ftpgetfile
    ftpgetfilea ftpgetfilew internetexplorermedium
""")
"""Functions and types that fetch from the network."""

WRITE_NAMES = words("""
    createtextfile savetofile filecopy copyfile copyhere movefile copyfilea copyfilew movefilea createfilea createfilew
    writefile
""")
"""Functions and methods that leave files behind; ``Open For Output`` beside them."""

ALLOCATE = words("""
    virtualalloc virtualallocex virtualprotect virtualprotectex heapcreate ntallocatevirtualmemory
    zwallocatevirtualmemory ntprotectvirtualmemory mapviewoffile ntmapviewofsection virtualalloc2
""")
INJECT = words("""
    writeprocessmemory ntwritevirtualmemory zwwritevirtualmemory createremotethread createremotethreadex
    rtlcreateuserthread createthread ntcreatethreadex queueuserapc ntqueueapcthread setthreadcontext
    ntunmapviewofsection resumethread createtimerqueuetimer createfiber switchtofiber
""")
CALLBACK = words("""
    enumsystemlanguagegroupsa enumsystemlanguagegroupsw enumsystemlocalesa enumsystemlocalesw enumsystemcodepagesa
    enumsystemcodepagesw enumtimeformatsa enumtimeformatsw enumdateformatsa enumdateformatsw enumcalendarinfoa
    enumcalendarinfow enumuilanguagesa enumuilanguagesw enumlanguagegrouplocalesa enumlanguagegrouplocalesw
    enumresourcetypesa enumresourcetypesw enumresourcenamesa enumresourcenamesw enumdesktopsa enumdesktopsw
    enumdesktopwindows enumchildwindows enumthreadwindows enumwindows enumwindowstationsw enumfontfamiliesw enumpropsexw
    enumobjects graystringa graystringw callwindowproca callwindowprocw dispcallfunc linedda enumpwrschemes
    certenumsystemstore cryptenumoidinfo shcreatethread enumerateloadedmodules
""")
"""Symbols that run machine code that somebody put into memory: allocate or write, then inject or call back."""

OBJECTS = {
    "wscript.shell": "execute",
    "wscript.shell.1": "execute",
    "shell.application": "execute",
    "shell.application.1": "execute",
    "mmc20.application": "execute",
    "schedule.service": "persistence",
    "msscriptcontrol.scriptcontrol": "execute",
    "scriptcontrol": "execute",
    "htmlfile": "execute",
    "system.runtime.serialization.formatters.binary.binaryformatter": "execute",  # runs what it reads
    "72c24dd5-d70a-438b-8a42-98424b88afb8": "execute",  # WScript.Shell
    "f935dc22-1cf0-11d0-adb9-00c04fd58a0b": "execute",  # WScript.Shell
    "13709620-c279-11ce-a49e-444553540000": "execute",  # Shell.Application
    "9ba05972-f6a8-11cf-a442-00a0c90a8f39": "execute",  # ShellWindows
    "c08afd90-f2a1-11d1-8455-00a0c91f3880": "execute",  # ShellBrowserWindow
    "msxml2.xmlhttp": "download",
    "msxml2.xmlhttp.3.0": "download",
    "msxml2.xmlhttp.6.0": "download",
    "msxml2.serverxmlhttp": "download",
    "msxml2.serverxmlhttp.3.0": "download",
    "msxml2.serverxmlhttp.6.0": "download",
    "microsoft.xmlhttp": "download",
    "microsoft.xmlhttp.1.0": "download",
    "winhttp.winhttprequest": "download",
    "winhttp.winhttprequest.5": "download",
    "winhttp.winhttprequest.5.1": "download",
    "internetexplorer.application": "download",
    "88d96a0a-f192-11d4-a65f-0040963251e5": "download",  # MSXML2.XMLHTTP.6.0
    "f6d90f16-9c73-11d3-b32e-00c04f990bb4": "download",  # MSXML2.XMLHTTP
    "0002df01-0000-0000-c000-000000000046": "download",  # InternetExplorer.Application
    "adodb.stream": "write",
}
"""Classes by ProgID or class id, and what they are for."""

STARTERS = {
    "wscript.shell": words("run exec callbyname"),
    "wscript.shell.1": words("run exec callbyname"),
    "shell.application": words("shellexecute open callbyname namespace invokeverb doit"),
    "htmlfile": words("execscript parentwindow"),
    "adodb.stream": words("savetofile callbyname"),
}
"""Members without which creating that object starts or writes nothing."""

KNOWN_CLASS = (
    r"(?i)^(?:excel|word|outlook|powerpoint|access|visio|msproject|publisher|onenote|msxml2?|microsoft|winhttp|adodb|adox"
    r"|dao|scripting|vbscript|wscript|shell|internetexplorer|wbemscripting|cdo|mapi|sapi|forms|system|shdocvw|sapgui|sap"
    r"|msscriptcontrol|scriptcontrol|schedule|autocad|acroexch|lotus|notes|matlab|htmlfile|wmplayer|mswc|capicom|new"
    r"|comctl|mscomctl|mscomctllib|pdfcreator|catia|solidworks|python|r|iis|adsystem|nameTranslate)\.\w"
    r"|^(?:winmgmts|ldap|winnt|iis|gc|script|new|clsid|queue|soap|file|https?)(?::|$)"
)
"""Literals that say openly what an object is, or begin to."""

ANALYSIS = words("""
    vmware virtualbox vbox vboxservice qemu sandboxie joebox wireshark procmon procexp processhacker ollydbg windbg
    fiddler idaq x64dbg dumpcap vmtools vmtoolsd xenservice prl_tools cuckoo
""")
"""Names of virtual machines and tools of analysts, as words in a literal."""
