"""Builders of inert sample files, byte for byte the same everywhere: for our tests and for those of your pipeline."""

from emotriage.testing.archive import archive, write_archive
from emotriage.testing.compound_file import compound_file, write_compound_file
from emotriage.testing.content import Filler

__all__ = ["Filler", "archive", "compound_file", "write_archive", "write_compound_file"]
