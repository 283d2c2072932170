"""What a document holds for its code to read: variables, properties, text, shapes, cells; read when the code asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Cells = Mapping[tuple[int, int], str | float | bool]
"""Values of a sheet by (row, column), from 1."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape, text box or picture.

    Attributes:
        name: as the code may call it.
        description: alternative text.
        title: its title.
        text: what is written in it.
        inline: it stands in the text as a character does.
    """

    name: str
    description: str = ""
    title: str = ""
    text: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: on its tab.
        code_name: of its module.
        cells: values.
        comments: of cells, by address such as ``A1``.
    """

    name: str
    code_name: str = ""
    cells: Cells = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)


class Document:
    """A document that holds nothing; each kind has a class of its own that does."""

    def variables(self) -> Mapping[str, str]:
        """Document variables."""
        return {}

    def properties(self) -> Mapping[str, str]:
        """Built-in and custom properties, by the name that code calls them."""
        return {}

    def paragraphs(self) -> Sequence[str]:
        """Text of the document, one paragraph each."""
        return ()

    def comments(self) -> Sequence[str]:
        """Comments, in order."""
        return ()

    def shapes(self) -> Sequence[Shape]:
        """Shapes, in order."""
        return ()

    def shapes_of(self, sheet: int) -> Sequence[Shape]:  # noqa: ARG002  # there is none
        """Shapes of the sheet of that number, from 0."""
        return ()

    def sheets(self) -> Sequence[Sheet]:
        """Sheets, in order."""
        return ()

    def parts(self) -> Sequence[str]:
        """Custom XML parts, in order."""
        return ()
