"""What documents hold for their macros to read, each kind of it read when a macro asks, and once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from emotriage.emulation.vba.document import Document, Shape, Sheet
from emotriage.formats.cfb import CompoundFile
from emotriage.formats.excel.biff_globals import Listed
from emotriage.formats.excel.biff_objects import SheetObjects
from emotriage.formats.excel.sheet_content import ListedSheet, PackageCells, StreamBook, list_sheets
from emotriage.formats.ole.property_set import read_properties as read_property_set
from emotriage.formats.ooxml import Package, Part
from emotriage.formats.ooxml.content import (
    main_parts,
    read_comments,
    read_custom_parts,
    read_paragraphs,
    read_properties,
    read_shapes,
    read_variables,
)
from emotriage.formats.vba.activex import read_package_controls
from emotriage.formats.vba.oforms import Control
from emotriage.formats.word97 import read_fib
from emotriage.formats.word97_content import read_comments as read_word_comments
from emotriage.formats.word97_content import read_text
from emotriage.formats.word97_content import read_variables as read_word_variables
from emotriage.formats.word97_shapes import read_shapes as read_word_shapes
from emotriage.model.blob import Blob
from emotriage.model.errors import FormatError
from emotriage.model.limits import Budget

_Value = TypeVar("_Value")
_Key = TypeVar("_Key")
_Item_co = TypeVar("_Item_co", covariant=True)
_SETS = ("\x05summaryinformation", "\x05documentsummaryinformation")


class Held(Document, ABC):
    """A document whose content is read once, when it is asked for.

    Attributes:
        gaps: what could not be read.
    """

    def __init__(self, budget: Budget) -> None:
        self.gaps: list[str] = []
        self._budget = budget
        self._known: dict[str, object] = {}

    def comments(self) -> Sequence[str]:
        """Comments of a Word document."""
        return self._once("comments", self._read_comments, [])

    def shapes(self) -> Sequence[Shape]:
        """Shapes of a Word document, or of all sheets."""
        return self._once("shapes", self._read_shapes, [])

    def sheets(self) -> Sequence[Sheet]:
        """Sheets of a workbook."""
        return self._once("sheets", self._read_sheets, [])

    @abstractmethod
    def _read_comments(self) -> list[str]: ...

    @abstractmethod
    def _read_shapes(self) -> list[Shape]: ...

    @abstractmethod
    def _read_sheets(self) -> list[Sheet]: ...

    def _once(self, name: str, read: Callable[[], _Value], otherwise: _Value) -> _Value:
        if name not in self._known:
            try:
                self._known[name] = read()
            except FormatError as error:
                self.gaps.append(str(error))
                self._known[name] = otherwise
        return self._known[name]  # type: ignore[return-value]  # stored under that name


class PackageDocument(Held):
    """An Office Open XML package."""

    def __init__(self, package: Package, budget: Budget) -> None:
        super().__init__(budget)
        self._package = package
        self._main = next(iter(main_parts(package)), None)
        kind = self._main.content_type if self._main is not None else ""
        self._is_book = "sheet" in kind or "excel" in kind

    def controls(self) -> tuple[Control, ...]:
        """Controls on the pages and sheets."""
        return self._once("controls", lambda: read_package_controls(self._package, self._budget), ())

    def variables(self) -> Mapping[str, str]:
        """Document variables."""
        return self._once("variables", lambda: read_variables(self._package, self._budget), {})

    def properties(self) -> Mapping[str, str]:
        """Built-in and custom properties."""
        return self._once("properties", lambda: read_properties(self._package, self._budget), {})

    def paragraphs(self) -> Sequence[str]:
        """Text of a Word document."""
        if self._is_book:
            return []
        return self._once("paragraphs", lambda: read_paragraphs(self._package, self._budget), [])

    def parts(self) -> Sequence[str]:
        """Custom XML parts."""
        return self._once("parts", lambda: list(read_custom_parts(self._package, self._budget)), [])

    def shapes_of(self, sheet: int) -> Sequence[Shape]:
        """Shapes of one sheet."""
        main = self._main
        listed = self._listed()
        if main is None or not 0 <= sheet < len(listed):
            return []
        part = listed[sheet].part
        return self._once(f"\0shapes {part.name}", lambda: self._drawn(part), [])

    def _read_comments(self) -> list[str]:
        main = self._main
        found = [] if main is None or self._is_book else read_comments(self._package, main, self._budget)
        return [text for _, text in found]

    def _read_shapes(self) -> list[Shape]:
        main = self._main
        if main is None:
            return []
        if not self._is_book:
            return [Shape(*one) for one in read_shapes(self._package, main, self._budget)]
        return [shape for part in self._package.parts for shape in self._drawn(part)]

    def _drawn(self, part: Part) -> list[Shape]:
        """The shapes of the drawings that belong to a sheet."""
        drawings = self._package.related(part.name, "drawing")
        return [Shape(*one) for drawing in drawings for one in read_shapes(self._package, drawing, self._budget)]

    def _listed(self) -> list[ListedSheet]:
        main = self._main
        if main is None or not self._is_book:
            return []
        return self._once("listed", lambda: list_sheets(self._package, main, self._budget), list[ListedSheet]())

    def _read_sheets(self) -> list[Sheet]:
        main = self._main
        if main is None:
            return []
        reader = PackageCells(self._package, main, self._budget)
        return [self._sheet(reader, one) for one in self._listed()]

    def _sheet(self, reader: PackageCells, one: ListedSheet) -> Sheet:
        cells, notes = Later(lambda: self._cells(reader, one.part)), Later(lambda: self._notes(one.part))
        return Sheet(one.name, one.code_name, cells, notes)

    def _cells(self, reader: PackageCells, part: Part) -> Mapping[tuple[int, int], str | float | bool]:
        return self._once(part.name, lambda: reader.read(part), {})

    def _notes(self, part: Part) -> Mapping[str, str]:
        return self._once(f"\0{part.name}", lambda: dict(read_comments(self._package, part, self._budget)), {})


class CompoundDocument(Held):
    """A compound file: Word 97-2003 or Excel 97-2003."""

    def __init__(self, file: CompoundFile, budget: Budget) -> None:
        super().__init__(budget)
        self._file = file

    def variables(self) -> Mapping[str, str]:
        """Document variables."""
        return self._once("variables", self._read_variables, {})

    def properties(self) -> Mapping[str, str]:
        """Built-in and custom properties."""
        return self._once("properties", self._read_properties, {})

    def paragraphs(self) -> Sequence[str]:
        """Text of a Word document."""
        return self._once("paragraphs", self._read_text, [])

    def shapes_of(self, sheet: int) -> Sequence[Shape]:
        """Shapes of one sheet."""
        book = self._book()
        if book is None or not 0 <= sheet < len(book.sheets):
            return []
        found = self._objects(book, book.sheets[sheet]).shapes
        return [Shape(one.name, one.description, text=one.text) for one in found]

    def _read_variables(self) -> dict[str, str]:
        streams = self._word()
        return read_word_variables(*streams, self._budget) if streams else {}

    def _read_text(self) -> list[str]:
        streams = self._word()
        text = read_text(*streams, self._budget) if streams else ""
        return text.removesuffix("\r").split("\r") if text else []

    def _read_comments(self) -> list[str]:
        streams = self._word()
        return read_word_comments(*streams, self._budget) if streams else []

    def _read_shapes(self) -> list[Shape]:
        if (streams := self._word()) is None:
            return [shape for number in range(len(self.sheets())) for shape in self.shapes_of(number)]
        data = self._file.find("Data")
        pictures = self._file.open(data) if data is not None and data.kind == "stream" else Blob(b"")
        found = read_word_shapes(*streams, pictures, self._budget)
        return [Shape(one.name, one.description, text=one.text, inline=one.inline) for one in found]

    def _word(self) -> tuple[Blob, Blob] | None:
        """The streams of a Word document: its text, and the tables that describe it."""
        document = self._file.find("WordDocument")
        if document is None:
            return None
        blob = self._file.open(document)
        table = self._file.find(read_fib(blob).table)
        return None if table is None else (blob, self._file.open(table))

    def _read_properties(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in _SETS:
            entry = self._file.find(name)
            if entry is not None and entry.kind == "stream":
                found = read_property_set(self._file.open(entry), self._budget) | found
        return found

    def _read_sheets(self) -> list[Sheet]:
        book = self._book()
        return [] if book is None else [self._sheet(book, one) for one in book.sheets]

    def _book(self) -> StreamBook | None:
        return self._once("book", self._read_book, None)

    def _read_book(self) -> StreamBook | None:
        entry = self._file.find("Workbook") or self._file.find("Book")
        return None if entry is None or entry.kind != "stream" else StreamBook(self._file.open(entry), self._budget)

    def _sheet(self, book: StreamBook, one: Listed) -> Sheet:
        cells, notes = Later(lambda: self._cells(book, one)), Later(lambda: self._objects(book, one).comments)
        return Sheet(one.name, book.code_name(one), cells, notes)

    def _cells(self, book: StreamBook, one: Listed) -> Mapping[tuple[int, int], str | float | bool]:
        return self._once(f"cells {one.position}", lambda: book.cells(one), {})

    def _objects(self, book: StreamBook, one: Listed) -> SheetObjects:
        return self._once(f"objects {one.position}", lambda: book.objects(one), SheetObjects({}, []))


class Later(Mapping[_Key, _Item_co]):
    """What is read when the first of it is asked for."""

    def __init__(self, read: Callable[[], Mapping[_Key, _Item_co]]) -> None:
        self._read = read

    def __getitem__(self, key: _Key) -> _Item_co:
        return self._read()[key]

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())
