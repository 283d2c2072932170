"""Numbers of the functions and commands that formulas of samples may call ([MS-XLS] 2.5.198.17 and 2.5.198.4)."""

from dataclasses import dataclass
from functools import cache

USER_DEFINED = 0xFF

# Name, number, count of arguments if it never varies, classes of the arguments where they are not all values (the last
# one is that of all further ones), and ">R" if the function returns a reference.
_TABLE = """
COUNT 0 R | IF 1 VRR>R | ISERROR 3/1 | SUM 4 R | AVERAGE 5 R | MIN 6 R | MAX 7 R | ROW 8 R | COLUMN 9 R | INT 25/1
ROUND 27/2 | INDEX 29 RVVV>R | MID 31/3 | LEN 32/1 | VALUE 33/1 | TRUE 34/0 | FALSE 35/0 | AND 36 R | OR 37 R
NOT 38/1 | MOD 39/2 | TEXT 48/2 | GOTO 53/1 R | HALT 54 | RETURN 55 | RAND 63/0 | DATE 65/3 | DAY 67/1 | MONTH 68/1
YEAR 69/1 | WEEKDAY 70 | HOUR 71/1 | MINUTE 72/1 | SECOND 73/1 | NOW 74/0 | OFFSET 78 RVVVV>R | ABSREF 79/2 VR>R
ARGUMENT 81 VVR | SEARCH 82 | ERROR 84 VR | SET.NAME 88 VV | CALLER 89 | ACTIVE.CELL 94 | SELECTION 95 | RESULT 96
CHOOSE 100 VR>R | INPUT 104 | GET.FORMULA 106/1 R | GET.NAME 107 | SET.VALUE 108/2 RV | EXEC 110 | CHAR 111/1
LOWER 112/1 | UPPER 113/1 | LEFT 115 | RIGHT 116 | TRIM 118/1 | REPLACE 119/4 | SUBSTITUTE 120 | CODE 121/1
DIRECTORY 123 | FIND 124 | CELL 125 VR | ISNUMBER 128/1 | T 130/1 R | N 131/1 R | FOPEN 132 | FCLOSE 133/1
FSIZE 134/1 | FREADLN 135/1 | FREAD 136/2 | FWRITELN 137/2 | FWRITE 138/2 | FPOS 139 | INDIRECT 148 VV>R
REGISTER 149 | CALL 150 VR | CLEAN 162/1 | FILES 166 | FOR 171 | WHILE 172/1 | BREAK 173 | NEXT 174 | INITIATE 175/2
EXECUTE 178/2 | TERMINATE 179/1 | GET.CELL 185 VR | GET.WORKSPACE 186/1 | GET.WINDOW 187 | GET.DOCUMENT 188
GET.NOTE 191 R | UNREGISTER 201/1 | TODAY 221/0 | ELSE 223 | ELSE.IF 224/1 | END.IF 225 | FOR.CELL 226
DEREF 90/1 R | EXACT 117/2 | REFTEXT 146 R | TEXTREF 147 V>R | ADD.BAR 151 | ADD.MENU 152 VR
ADD.COMMAND 153 VVR | SHOW.BAR 157 | DELETE.MENU 158 | DIALOG.BOX 161/1 R | CANCEL.KEY 170 | REQUEST 176/2
POKE 177/3 | ADD.TOOLBAR 253 VR | DELETE.TOOLBAR 254/1
LAST.ERROR 238 | PAUSE 248 | EVALUATE 257/1 | APP.TITLE 262 | REGISTER.ID 267 | GET.WORKBOOK 268 | CONCATENATE 336
POWER 337/2 | HYPERLINK 359
"""

_COMMANDS = """
BEEP 0 | OPEN 1 | SAVE 4 | SAVE.AS 5 | FILE.DELETE 6 | QUIT 10 | CLOSE 16 | RUN 17 R | CALCULATION 32 | COPY 50 R
PASTE 51 R | DEFINE.NAME 61 VR | FORMULA.GOTO 63 R | HIDE 93 | UNHIDE 94 | FORMULA 96 VR | FORMULA.FILL 97 VR
FORMULA.ARRAY 98 VR | ACTIVATE 103 | SELECT 109 R | DELETE.NAME 110 | ALERT 118 | NEW 119 | MESSAGE 122
SEND.KEYS 131 | FILE.CLOSE 144 | ON.TIME 148 | WAIT 149 | APP.RESTORE 169 | APP.MINIMIZE 172 | APP.MAXIMIZE 173
PAGE.SETUP 7 | PRINT 8 | SET.PRINT.AREA 22 | APP.ACTIVATE 125 | ON.WINDOW 138 | ON.KEY 168 | ZOOM 256
ON.RECALC 227 | WORKBOOK.SELECT 291 | WORKBOOK.ACTIVATE 292 | WORKBOOK.HIDE 383 | WORKBOOK.UNHIDE 384
WORKBOOK.DELETE 385
"""


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function.

    Attributes:
        number: what its token holds, with the command bit.
        fixed: count of its arguments where it never varies, else -1.
        arguments: class of each argument, the last for all further ones: value or reference.
        returns: ``V`` or ``R``.
    """

    number: int
    fixed: int
    arguments: str
    returns: str

    def wants(self, index: int) -> str:
        """Class of an argument."""
        return self.arguments[min(index, len(self.arguments) - 1)]


@cache
def functions() -> dict[str, Function]:
    """Every function by name."""
    out = {}
    for table, bit in ((_TABLE, 0), (_COMMANDS, 0x8000)):
        for row in table.replace("\n", " | ").split(" | "):
            words = row.split()
            if not words:
                continue
            number, _, fixed = words[1].partition("/")
            arguments, _, returns = (words[2] if len(words) > 2 else "V").partition(">")
            out[words[0]] = Function(bit | int(number), int(fixed or -1), arguments, returns or "V")
    return out
