"""What instructions of compiled VBA are in source text: tables of numbers, and the words for each."""

_OPERATORS = r"Imp Eqv Xor Or And = <> <= >= < > + - Mod \ * / & Like ^ Is"
OPERATORS = tuple(_OPERATORS.split())
"""From number 0 on: what joins two values."""

_FUNCTIONS = """
    17 Abs 1
    18 Fix 1
    19 Int 1
    1A Sgn 1
    1B Len 1
    1C LenB 1
    7D CurDir 0
    7E Dir 0
    81 Error 0
    83 FreeFile 0
    84 InStr 2
    85 InStr 3
    86 InStr 4
    87 InStrB 2
    88 InStrB 3
    89 InStrB 4
    8B Mid 3
    8C MidB 3
    8D StrComp 2
    8E StrComp 3
    8F String 2
    90 String 2
"""
FUNCTIONS = {
    int(number, 16): (name, int(count)) for number, name, count in map(str.split, _FUNCTIONS.split("\n")[1:-1])
}
"""Functions with instructions of their own, and how many arguments they take."""

_STATEMENTS = """
    45 Debug.Assert {}
    53 Case Else
    57 Close
    5F Do
    60 DoEvents
    61 Do Until {}
    62 Do While {}
    63 Else
    64 Else
    65 ElseIf {} Then
    67 End
    69 End Function
    6B End If
    6D End Property
    6E End Select
    6F End Sub
    70 End Type
    71 End With
    73 Error {}
    78 Exit Do
    79 Exit For
    7A Exit Function
    7B Exit Property
    7C Exit Sub
    92 For {} = {} To {}
    93 For Each {} In {}
    95 For {} = {} To {} Step {}
    98 Get {}, {}, {}
    9B If {} Then
    9C If {} Then
    A7 Line Input {}, {}
    BC Loop
    BD Loop Until {}
    BE Loop While {}
    BF LSet {1} = {0}
    C6 Mid({1}, {2}, {3}) = {0}
    C7 MidB({1}, {2}, {3}) = {0}
    C8 Name {} As {}
    CA Next
    CB Next {}
    E2 Put {}, {}, {}
    E9 Return
    EA RSet {1} = {0}
    EC Seek {}, {}
    ED Select Case {}
    F2 Stop
    F6 Wend
    F7 While {}
    F8 With {}
    FC #If {} Then
    FD #Else
    FE #ElseIf {} Then
    FF #End If
    106 End Enum
"""
STATEMENTS = {int(line.split()[0], 16): line.split(maxsplit=1)[1] for line in _STATEMENTS.split("\n")[1:-1]}
"""Statements and parts of them; a pair of brackets stands for a value."""

RANGES = {0x4D: "Is >", 0x4E: "Is <", 0x4F: "Is >=", 0x50: "Is <=", 0x51: "Is <>", 0x52: "Is ="}
"""What stands before the value of a case."""

VALUES = {0x5B: "Debug", 0xAB: "", 0xB2: "Nothing", 0xC0: "Me", 0xD3: ""}
"""Values that are always the same."""

SPECIAL = ("False", "True", "Null", "Empty")
"""By the flags of their common instruction."""

WRAPPED = {0x15: "Not {}", 0x16: "-{}", 0x1D: "({})", 0x1E: "#{}", 0x9D: "TypeOf {} Is Object", 0xD2: "ByVal {}"}
"""What stands around one value."""

_COERCED = "CInt CLng CSng CDbl CCur CDate CStr"
COERCED = dict(enumerate(_COERCED.split(), 2)) | {11: "CBool", 12: "CVar", 17: "CByte"}
"""By type: the function that converts to it."""

ACCESS = tuple(
    (does, form)
    for does, forms in (
        ("load", "name member key index name() member() key()"),
        ("store", "name member key index name() member() key()"),
        ("set", "name member key index name() member() key()"),
        ("load", ".member .key .member() .key()"),
        ("store", ".member .key .member() .key()"),
        ("set", ".member .key .member() .key()"),
        ("call", "name() member() .member()"),
        ("load", "name()"),
    )
    for form in forms.split()
)
"""From number 0x20 on: what is done, and with what; a dot is the object of `With`, brackets are arguments."""
