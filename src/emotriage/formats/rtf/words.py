"""Control words of Rich Text Format by what they begin (RTF 1.9.1, "Destinations" and appendix B)."""

DATA = frozenset({b"objdata", b"pict", b"datastore", b"themedata", b"colorschememapping", b"fontemb", b"objalias"})
"""Destinations whose content is written in hexadecimal digits."""
CAPTURED = frozenset({b"fldinst", b"objclass", b"template"})
"""Destinations whose text says where something comes from."""
OBJECT_WORDS = frozenset({b"objupdate", b"objautlink", b"objlink", b"objhtml", b"objocx", b"objemb", b"linkself"})
"""What an object says of itself."""
TRANSPARENT = frozenset(
    b"rtf upr ud field fldrslt shp shpinst shppict nonshppict shpgrp shptxt object result do dptxbxtext header "
    b"footer headerl headerr headerf footerl footerr footerf footnote annotation pntext listtext listpicture "
    b"background formfield sp shprslt".split()
)
"""Destinations in which text goes on, or that hold others which are read."""
HIDDEN = frozenset(
    b"aftncn aftnsep aftnsepc atnauthor atndate atnicn atnid atnparent atnref atntime atrfend atrfstart author "
    b"bkmkend bkmkstart blipuid buptim category colortbl comment company creatim datafield defchp defpap doccomm "
    b"docvar ebcend ebcstart factoidname falt fchars ffdeftext ffentrymcr ffexitmcr ffformat ffhelptext ffl "
    b"ffname ffstattext file filetbl fldtype fontfile fonttbl ftncn ftnsep ftnsepc g generator gridtbl hl hlfr "
    b"hlinkbase hlloc hlsrc hsv htmltag info keycode keywords latentstyles lchars levelnumbers leveltext "
    b"lfolevel linkval list listlevel listname listoverride listoverridetable liststylename listtable "
    b"lsdlockedexcept mailmerge manager mmathPr mmconnectstr mmconnectstrdata mmdatasource mmheadersource "
    b"mmmailsubject mmodso mmodsofilter mmodsofldmpdata mmodsomappedname mmodsoname mmodsorecipdata mmodsosort "
    b"mmodsosrc mmodsotable mmodsoudl mmodsoudldata mmodsouniquetag mmquery nesttableprops nextfile objname "
    b"objsect objtime oldcprops oldpprops oldsprops oldtprops oleclsid operator panose password passwordhash pgp "
    b"pgptbl picprop pn pnseclvl pntxta pntxtb pnaiu pnaiud printim private propname protend protstart "
    b"protusertbl revtbl revtim rsidtbl rxe staticval stylesheet subject svb tc title txe userprops "
    b"wgrffmtfilter windowcaption writereservation writereservhash xe xform xmlattrname xmlattrvalue xmlclose "
    b"xmlname xmlnstbl xmlopen".split()
) | frozenset(
    b"macc maccPr margPr margSz mbar mbarPr mbaseJc mbegChr mborderBox mborderBoxPr mbox mboxPr mchr mcount "
    b"mctrlPr md mdeg mdegHide mden mdiff mdPr me mendChr meqArr meqArrPr mf mfName mfPr mfunc mfuncPr mgroupChr "
    b"mgroupChrPr mgrow mhideBot mhideLeft mhideRight mhideTop mlim mlimLoc mlimLow mlimLowPr mlimUpp mlimUppPr "
    b"mm mmaddfieldname mmathPict mmaxDist mmc mmcJc mmcPr mmcs mmPr mnary mnaryPr mnoBreak mnum mobjDist "
    b"moMathPara moMathParaPr mopEmu mphant mphantPr mplcHide mpos mrad mradPr mrPr msepChr mshow mshp msPre "
    b"msPrePr msSub msSubPr msSubSup msSubSupPr msSup msSupPr mstrikeBLTR mstrikeH mstrikeTLBR mstrikeV msub "
    b"msubHide msup msupHide mtransp mtype mvertJc mvfmf mvfml mvtof mvtol mzeroAsc mzeroDesc mzeroWid malnScr".split()
)
"""Destinations whose text is not the document's."""
PICTURES = frozenset(b"emfblip pngblip jpegblip macpict pmmetafile wmetafile dibitmap wbitmap".split())
"""What a picture is made of."""
BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"page": "\n", b"sect": "\n", b"tab": "\t", b"cell": "\t"}
"""Control words that stand for white space."""
CHARACTERS = {
    b"emdash": "\u2014", b"endash": "\u2013", b"bullet": "\u2022", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"emspace": "\u2003", b"enspace": "\u2002",
}  # fmt: skip
"""Control words that stand for a character."""
CHARSETS = {
    77: "mac-roman", 78: "cp932", 79: "cp949", 80: "gb2312", 81: "big5", 128: "cp932", 129: "cp949", 130: "johab",
    134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256",
    186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
"""Codec of a font's character set (``\\fcharset``); all others go by the document's code page."""
