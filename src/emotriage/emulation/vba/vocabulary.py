"""Words that VBA and its hosts bring along: keywords, functions, constants, global members; [MS-VBAL] 3.3.5 and 6.1."""

import re


def words(text: str) -> frozenset[str]:
    """A set of words from a table written as running text."""
    return frozenset(text.split())


KEYWORDS = words("""
    abs access addressof alias and any append appactivate array as attribute base beep begin binary boolean byref byte
    byval call case cbool cbyte ccur cdate cdbl cdec cdecl chdir chdrive cint circle class clng clnglng clngptr close
    compare const csng cstr currency cvar cverr date debug decimal declare defbool defbyte defcur defdate defdbl defint
    deflng defobj defsng defstr defvar deletesetting dim do doevents double each else elseif empty end endif enum eqv
    erase error event exit explicit false filecopy fix for friend function get global go gosub goto if imp implements in
    input inputb int integer is kill lbound len lenb let lib like line load local lock long longlong longptr loop lset
    me mid midb mkdir mod module name new next not nothing null object on open option optional or output paramarray
    preserve print private property pset ptrsafe public put raiseevent random randomize read redim rem reset resume
    return rmdir rset savesetting scale seek select sendkeys set setattr sgn shared single spc static step stop string
    sub switch tab text then time to true type typeof ubound unload unlock until variant wend while width win16 win32
    win64 mac vba6 vba7 with withevents write xor
""")
"""Reserved identifiers and statements."""

CONTEXTUAL = words("access alias base binary class line module name output reset scale tab text time width")
"""Those that are good names of variables too."""

FUNCTIONS = words("""
    asc ascb ascw atn callbyname choose chr chrb chrw cos createobject curdir cvdate dateadd datediff datepart
    dateserial datevalue day ddb dir environ eof err error exp fileattr filedatetime filelen filter format
    formatcurrency formatdatetime formatnumber formatpercent freefile fv getallsettings getattr getobject getsetting
    hex hour iif imestatus input inputbox instr instrb instrrev ipmt irr isarray isdate isempty iserror ismissing
    isnull isnumeric isobject join lcase left leftb loc lof log ltrim macid macscript minute mirr month monthname
    msgbox now nper npv objptr oct partition pmt ppmt pv qbcolor rate replace rgb right rightb rnd round rtrim
    second shell sin sln space split sqr str strcomp strconv string strptr strreverse syd tan timer timeserial
    timevalue trim typename ucase val vartype varptr weekday weekdayname year clipboard strings interaction math
    conversion information filesystem datetime financial collection erl
""")
"""Functions and modules of the standard library."""

HOST = words("""
    application activecell activechart activedialog activemenubar activeprinter activesheet activewindow activeworkbook
    addins assistant calculate cells charts columns commandbars ddeappreturncode ddeexecute ddeinitiate ddepoke
    dderequest ddeterminate dialogsheets evaluate excel4intlmacrosheets excel4macrosheets executeexcel4macro intersect
    menubars modules names parent range rows run selection sendkeys sheets shortcutmenus thisworkbook toolbars union
    windows workbooks worksheetfunction worksheets activedocument activeprinter autocorrect browser captionlabels
    customdictionaries customizationcontext dialogs documents filesearch filesystem fontnames keybindings
    languagesettings listgalleries macrocontainer normaltemplate options recentfiles selection system tasks templates
    thisdocument activepresentation presentations slideshowwindows activeproject activevisiodocument currentdb
    currentproject docmd forms reports screen dbengine codedb session activeexplorer activeinspector explorers
    inspectors creator version usercontrol userform userforms vbe wscript activexobject excel word powerpoint outlook
    office msforms scripting adodb dao msxml2 shdocvw winhttp stdole vba document workbook worksheet chart dictionary
    filesystemobject recordset connection collection font shape textframe hyperlinks style paragraph table
    ontime printout pagesetup normal thisdrawing activedesign visio
""")
"""Global members, types and libraries of the hosts."""

_ENUMERATION = re.compile(r"(?i:vb|xl|wd|mso)\w{2,}|(?:pp|ac|ol|ad|fm|vis|db|pj|mdm)[A-Z]\w+")

KNOWN = KEYWORDS | FUNCTIONS | HOST
"""All of them."""


def is_constant(name: str) -> bool:
    """True for what reads like a member of an enumeration of the hosts: ``xlUp``, ``wdGoToPage``, ``adTypeBinary``."""
    return _ENUMERATION.match(name) is not None
