"""The shortcut writer against LnkParse3, which reads the same specification."""

import io
import warnings
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotriage.testing.shortcut import Defect, shell_item, shortcut

PLAIN = st.text(st.characters(codec="ascii", exclude_characters="\0", min_codepoint=0x20), max_size=300)


def read(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import LnkParse3

        return LnkParse3.lnk_file(io.BytesIO(data)).get_json()


def items(report):
    return [
        one.get("primary_name") or one.get("volume_name") or one.get("location") for one in report["target"]["items"]
    ]


@pytest.mark.parametrize("unicode", [True, False])
def test_what_explorer_shows_comes_back(unicode):
    report = read(
        shortcut(
            r"C:\Windows\System32\emotriage-inert.exe",
            "/c emotriage-inert",
            icon=r"%SystemRoot%\emotriage.dll",
            icon_index=3,
            show="minimized",
            working_dir=r"C:\Users\Public",
            description="an invoice",
            relative_path=r"..\emotriage-inert.exe",
            unicode=unicode,
        )
    )
    assert items(report) == [None, "C:\\", "Windows", "System32", "emotriage-inert.exe"]
    assert report["link_info"]["local_base_path"] == r"C:\Windows\System32\emotriage-inert.exe"
    assert report["data"] == {
        "description": "an invoice",
        "relative_path": r"..\emotriage-inert.exe",
        "working_directory": r"C:\Users\Public",
        "command_line_arguments": "/c emotriage-inert",
        "icon_location": r"%SystemRoot%\emotriage.dll",
    }
    assert report["header"]["windowstyle"] == "SW_SHOWMINNOACTIVE"
    assert report["header"]["icon_index"] == 3
    assert report["header"]["creation_time"].isoformat() == "2021-01-01T00:00:00+00:00"


def test_flags_of_the_header():
    report = read(shortcut(run_as_user=True, hotkey=0x0341, show=5, environment="%a%", prefer_environment=True))
    assert {"RunAsUser", "HasExpString", "PreferEnvironmentPath"} <= set(report["header"]["link_flags"])
    assert report["header"]["r_hotkey"] == 0x0341
    assert report["header"]["windowstyle"] == "SW_SHOWNORMAL"  # Windows reads all but 3 and 7 so


def test_a_share_is_a_network_location():
    report = read(shortcut(r"\\198.51.100.7\share\folder\a.exe"))
    assert items(report) == [None, r"\\198.51.100.7\share", "folder", "a.exe"]
    assert report["link_info"]["location"] == "Network"
    assert report["link_info"]["location_info"]["net_name"] == r"\\198.51.100.7\share"
    assert report["link_info"]["common_path_suffix"] == r"folder\a.exe"


def test_targets_may_disagree():
    report = read(shortcut(r"C:\a.exe", id_list=r"D:\b\c.exe", environment="%d%", environment_ansi="%e%"))
    assert items(report) == [None, "D:\\", "b", "c.exe"]
    assert report["link_info"]["local_base_path"] == r"C:\a.exe"
    block = report["extra"]["ENVIRONMENTAL_VARIABLES_LOCATION_BLOCK"]
    assert (block["target_ansi"], block["target_unicode"]) == ("%e%", "%d%")


def test_extra_blocks_and_overlay():
    data = shortcut(icon_environment="%b%.ico", machine="inert-machine", mac="02005e0000ff", overlay=b"behind the end")
    extra = read(data)["extra"]
    assert extra["ICON_LOCATION_BLOCK"]["target_unicode"] == "%b%.ico"
    assert extra["DISTRIBUTED_LINK_TRACKER_BLOCK"]["machine_identifier"] == "inert-machine"
    assert extra["DISTRIBUTED_LINK_TRACKER_BLOCK"]["droid_file_identifier"].lower().endswith("-02005e0000ff")
    assert data.endswith(b"\0\0\0\0behind the end")
    assert "TERMINAL_BLOCK" in extra


def test_no_target_at_all():
    report = read(shortcut("", arguments="x"))
    assert not {"HasTargetIDList", "HasLinkInfo"} & set(report["header"]["link_flags"])
    assert report["data"] == {"command_line_arguments": "x"}


def test_own_shell_items():
    panel = shell_item(0x1F, bytes.fromhex("50 e04fd020ea3a6910a2d808002b30309d"))
    assert read(shortcut("", items=[panel]))["target"]["items"][0]["sort_index"] == "My Computer"


def test_link_info_in_unicode():
    report = read(shortcut(r"C:\表.exe", link_info_unicode=True, code_page="cp932"))
    assert report["link_info"]["local_base_path_unicode"] == r"C:\表.exe"


@given(PLAIN.filter(bool), PLAIN.filter(bool))
def test_any_strings_come_back(arguments, description):
    assert read(shortcut(arguments=arguments, description=description))["data"] == {
        "command_line_arguments": arguments,
        "description": description,
    }


@pytest.mark.parametrize("defect", [one for one in get_args(Defect) if one])
def test_each_defect_changes_the_file(defect):
    assert shortcut(defect=defect) != shortcut()
