"""Windows Installer packages: names, texts, tables and actions."""

import pytest

from emotriage import Level, scan
from emotriage.formats.cfb import read_compound_file
from emotriage.formats.installer import read_database
from emotriage.formats.installer.actions import custom_actions
from emotriage.formats.installer.names import is_table, unpacked_name
from emotriage.model.blob import Blob
from emotriage.model.limits import Budget, Limits
from emotriage.testing import cabinet, compound_file, installer

SCRIPT = b'var shell = new ActiveXObject("WScript.Shell"); shell.Run("emotriage-inert");'
TABLES = ("Property", "CustomAction", "InstallExecuteSequence", "File", "Media")


def database(data):
    budget = Budget(Limits())
    return read_database(read_compound_file(Blob(data), budget), TABLES, budget)


def looked_at(data):
    verdict = scan(data, name="invoice.msi", plugins=[])
    return verdict, {one.rule for one in verdict.findings}, [one.name for one in verdict.artifacts]


def test_names_of_streams():
    packed = "\u4840\u3f7f\u4164\u422f\u4836"  # as every package has it
    assert is_table(packed)
    assert unpacked_name(packed) == "_Tables"


def test_tables_come_out_as_they_were_written():
    data = installer({"ProductName": "Emotriage", "Long": "x" * 70_000, "日本": "請求書"}, files=["a.txt", "b|c.txt"])
    found = database(data)
    assert not found.anomalies
    assert [(one["Property"], one["Value"]) for one in found.tables["Property"]] == [
        ("ProductName", "Emotriage"), ("Long", "x" * 70_000), ("日本", "請求書")
    ]  # fmt: skip
    assert [one["FileName"] for one in found.tables["File"]] == ["a.txt", "b|c.txt"]
    assert found.tables["File"][0]["FileSize"] == 16


def test_properties_are_put_into_commands():
    data = installer(
        {"Tool": "emotriage-inert"},
        actions=[
            ["Set", 51, "Arguments", "/c [Tool]"],
            ["Run", 50, "Shell", "[Arguments]"],
            ["Sh", 51, "Shell", "cmd.exe"],
        ],
    )
    actions = {one.name: one for one in custom_actions(database(data), Budget(Limits()))}
    assert actions["Run"].text == "cmd.exe /c emotriage-inert"
    assert actions["Run"].number == 101
    _, found, _ = looked_at(data)
    assert "msi.runs-interpreter" in found


def test_scripts_and_cabinets_are_looked_at():
    data = installer(
        files=["run.js"], cabinets={"data.cab": cabinet({"f0": SCRIPT})}, binaries={"Inert": SCRIPT},
        actions=[["Script", 5, "Inert", "Emotriage"]],
    )  # fmt: skip
    verdict, found, names = looked_at(data)
    assert {"msi.runs-script", "archive.active-member", "script.starts-programs"} <= found
    assert {"Binary.Inert", "data.cab", "f0"} <= set(names)
    assert verdict.level >= Level.SUSPICIOUS


@pytest.mark.parametrize("name", ["a.msi", "invoice.doc"])
def test_a_bare_installer_is_never_clean(name):
    assert scan(installer(), name=name, plugins=[]).level >= Level.UNVERIFIED


def test_tables_of_any_bytes_are_a_verdict():
    data = bytearray(installer(actions=[["Run", 34, "T", "cmd /c emotriage-inert"]]))
    for at in range(512, len(data), 37):
        damaged = bytes(data[:at]) + b"\xff\xff\xff" + bytes(data[at + 3 :])
        assert scan(damaged, name="a.msi", plugins=[]).level >= Level.UNVERIFIED


def test_an_installer_without_tables_is_a_gap_as_well():
    data = compound_file({"Stream": b"x"}, clsids={"": "000c1084-0000-0000-c000-000000000046"})
    _, found, _ = looked_at(data)
    assert "msi.package" in found
