# ruff: noqa: RUF001  # the letters of these languages are what is looked for
"""What pages say to have an attached file opened, by language: a double click, a click to view.

Written as `lure_phrases` is, and found by the same search.
"""

from emotriage.emulation.lure_phrases import Language

OPENING = (
    Language(
        "en",
        "cp1252",
        ("click", "press"),
        (
            "double click",
            "double-click",
            "doubleclick",
            "click to view",
            "click to open",
            "click to see",
            "click to read",
            "click to download",
            "click here to",
            "click open",
            "click next",
            "click view",
            "click below to",
            "click the button",
            "click on the button",
            "click the icon",
            "click the file",
            "press the button to",
        ),
        (),
    ),
    Language(
        "ja",
        "cp932",
        ("クリック",),
        (
            "ダブルクリック",
            "ダブル クリック",
            "2回クリック",
            "クリックして表示",
            "クリックして開",
            "クリックして閲覧",
            "クリックすると開",
            "クリックすると表示",
            "クリックしてください",
            "クリックして下さい",
            "開くをクリック",
        ),
        (),
    ),
    Language("de", "cp1252", ("klick",), ("doppelklick", "doppelt klicken", "klicken sie hier", "anklicken um"), ()),
    Language(
        "fr",
        "cp1252",
        ("cliqu", "clic"),
        ("double-cliqu", "double cliqu", "double-clic", "double clic", "cliquez ici", "cliquez pour", "cliquez sur"),
        (),
    ),
    Language(
        "es",
        "cp1252",
        ("clic",),
        ("doble clic", "haga clic para", "haga clic aquí", "haz clic aquí", "clic para ver", "clic para abrir"),
        (),
    ),
    Language(
        "it", "cp1252", ("clic",), ("doppio clic", "clicca qui", "fare clic qui", "clicca per", "fai clic per"), ()
    ),
    Language(
        "pt",
        "cp1252",
        ("cli",),
        ("duplo clique", "clique duas vezes", "clique duplo", "clique aqui", "clique para"),
        (),
    ),
    Language("nl", "cp1252", ("klik",), ("dubbelklik", "dubbel klik", "klik hier om", "klik om te"), ()),
    Language(
        "pl", "cp1250", ("klik",), ("kliknij dwukrotnie", "dwukrotnie kliknij", "kliknij tutaj", "kliknij, aby"), ()
    ),
    Language("cs", "cp1250", ("klik", "klep"), ("dvakrát klikněte", "dvojklik", "poklepejte", "klikněte zde"), ()),
    Language(
        "ru",
        "cp1251",
        ("щелк", "щёлк", "клик", "нажмите"),
        (
            "двойной щелчок",
            "двойным щелчком",
            "двойной клик",
            "дважды щелкните",
            "дважды щёлкните",
            "дважды кликните",
            "нажмите, чтобы",
            "нажмите для",
        ),
        (),
    ),
    Language("tr", "cp1254", ("tıkla",), ("çift tıkla", "görmek için tıkla", "açmak için tıkla", "buraya tıkla"), ()),
    Language("zh", "cp936", ("击", "擊"), ("双击", "雙擊", "点击查看", "點擊查看", "点击打开", "點擊打開"), ()),
    Language("ko", "cp949", ("클릭",), ("더블 클릭", "더블클릭", "두 번 클릭", "클릭하여", "클릭하세요"), ()),
)
"""The languages of such pages, and Japanese."""
