"""Builders of inert sample files, byte for byte the same everywhere: for our tests and for those of your pipeline."""

from emotriage.testing.archive import archive, write_archive
from emotriage.testing.content import Filler

__all__ = ["Filler", "archive", "write_archive"]
