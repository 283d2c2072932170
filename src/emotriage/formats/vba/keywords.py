"""Keywords of VBA by the number that compiled code has for them: the reserved words of [MS-VBAL] 3.3.5.2, in order."""

_WORDS = """
    0 Abs Access AddressOf Alias And Any Append Array As Assert B Base BF Binary Boolean ByRef Byte ByVal Call Case
    CBool CByte CCur CDate CDec CDbl CDecl ChDir CInt Circle CLng Close Compare Const CSng CStr CurDir CurDir$ CVar
    CVDate CVErr Currency Database Date Date$ Debug Decimal Declare DefBool DefByte DefCur DefDate DefDec DefDbl DefInt
    DefLng DefObj DefSng DefStr DefVar Dim Dir Dir$ Do DoEvents Double Each Else ElseIf Empty End EndIf Enum Eqv Erase
    Error Error$ Event Exit Explicit F False Fix For Format Format$ FreeFile Friend Function Get Global Go GoSub GoTo If
    Imp Implements In Input Input$ InputB InputB$ InStr InStrB Int Integer Is LBound Left Len LenB Let Lib Like Line
    LINEINPUT Load Local Lock Long Loop LSet Me Mid Mid$ MidB MidB$ Mod Module Name New Next Not Nothing Null Object On
    Open Option Optional Or Output ParamArray Preserve Print Private Property PSet Public Put RaiseEvent Random
    Randomize Read ReDim Rem Resume Return RGB RSet Scale Seek Select Set Sgn Shared Single Spc Static Step Stop StrComp
    String String$ Sub Tab Text Then To True Type TypeOf UBound Unload Unlock Unknown Until Variant WEnd While Width
    With Write Xor
"""
KEYWORDS = tuple(_WORDS.split())
