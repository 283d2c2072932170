"""What a macro comes to: the texts that are recovered on the way, and the addresses in them."""

from emotriage.analyzers.vba import ANALYZER
from emotriage.model.analyzer import Subject
from emotriage.model.blob import Blob
from emotriage.model.indicator import Indicator
from emotriage.model.limits import Budget, Limits
from emotriage.model.step import Recovered, Step
from emotriage.testing import document

LOAD = "http://a.example.invalid/one/,http://b.example.invalid/two/"


def found(body, kind):
    data = document(macros={"Module1": f"Sub AutoOpen()\n  {body}\nEnd Sub\n"})
    subject = Subject(Blob(data), "ole", "order.doc", Budget(Limits()))
    return [one for one in ANALYZER.run(subject) if isinstance(one, kind)]


def test_what_is_under_the_covers_of_a_command_is_recovered():
    texts = found("Shell \"powershell iex ('emotriage' + '-inert /quiet')\"", Recovered)
    assert any("Sub AutoOpen()" in one.text for one in texts)
    assert any(one.text == "emotriage-inert /quiet" for one in texts)


def test_a_written_text_is_recovered_and_bytes_are_not():
    body = 'Open "C:\\Users\\Public\\a.vbs" For Output As #1\n  Print #1, {}\n  Close #1'
    texts = found(body.format('"emotriage-inert" & " by itself"'), Recovered)
    assert any(one.name == "written-0-a.vbs" and "emotriage-inert by itself" in one.text for one in texts)
    texts = found(body.format('"emotriage-inert" & String(20, Chr(0))'), Recovered)
    assert not any(one.name.startswith("written") for one in texts)


def test_what_takes_a_list_apart_belongs_to_no_address():
    for quote in ("'", "HZp", ""):
        line = f"powershell $a='{LOAD}{quote}.Split({quote},{quote})"
        urls = {
            one.value
            for one in found(f'Shell "{line}"', Indicator)
            if one.origin == "emulated" and "://" in one.value[:8]
        }
        assert urls == set(LOAD.split(","))


def test_objects_that_only_hold_something_are_not_told():
    steps = found('Set a = New Collection: Set b = CreateObject("WScript.Shell"): b.Run "emotriage-inert"', Step)
    assert ("create", "WScript.Shell") in [(one.action, one.text) for one in steps]
    assert not any("collection" in one.text.lower() for one in steps)
