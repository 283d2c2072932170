"""Builders of inert sample files, byte for byte the same everywhere: for our tests and for those of your pipeline."""

from emotriage.testing.archive import archive, write_archive
from emotriage.testing.cab import cabinet
from emotriage.testing.chm import help_file
from emotriage.testing.compound_file import compound_file, write_compound_file
from emotriage.testing.compressed import bzipped, gzipped, xzipped, zstd
from emotriage.testing.content import Filler
from emotriage.testing.disc import disc, udf_disc
from emotriage.testing.disk import disk
from emotriage.testing.document import document
from emotriage.testing.encryption import encrypted_package
from emotriage.testing.hangul import hangul
from emotriage.testing.installer import installer
from emotriage.testing.mail import mail
from emotriage.testing.notebook import notebook
from emotriage.testing.old_archive import arj, lzh
from emotriage.testing.opendocument import opendocument
from emotriage.testing.outlook import outlook_message
from emotriage.testing.ovba import vba_project
from emotriage.testing.overlap import overlap
from emotriage.testing.padding import padded, write_padded, write_padded_archive
from emotriage.testing.page import page
from emotriage.testing.presentation import presentation
from emotriage.testing.program import program
from emotriage.testing.property_set import package_object
from emotriage.testing.rar import rar
from emotriage.testing.recipe import (
    Recipe,
    RecipeError,
    build_recipe,
    build_samples,
    builders,
    load_recipe,
    recipes,
    recipes_folder,
    write_recipe,
)
from emotriage.testing.rtf import native_object, native_package, rtf
from emotriage.testing.script_encoder import encoded_script
from emotriage.testing.sevenzip import sevenzip
from emotriage.testing.shortcut import shortcut
from emotriage.testing.tape import tape
from emotriage.testing.text import damaged, executable, joined, raw, text
from emotriage.testing.tnef import tnef
from emotriage.testing.workbook import workbook

__all__ = [
    "Filler",
    "Recipe",
    "RecipeError",
    "archive",
    "arj",
    "build_recipe",
    "build_samples",
    "builders",
    "bzipped",
    "cabinet",
    "compound_file",
    "damaged",
    "disc",
    "disk",
    "document",
    "encoded_script",
    "encrypted_package",
    "executable",
    "gzipped",
    "hangul",
    "help_file",
    "installer",
    "joined",
    "load_recipe",
    "lzh",
    "mail",
    "native_object",
    "native_package",
    "notebook",
    "opendocument",
    "outlook_message",
    "overlap",
    "package_object",
    "padded",
    "page",
    "presentation",
    "program",
    "rar",
    "raw",
    "recipes",
    "recipes_folder",
    "rtf",
    "sevenzip",
    "shortcut",
    "tape",
    "text",
    "tnef",
    "udf_disc",
    "vba_project",
    "workbook",
    "write_archive",
    "write_compound_file",
    "write_padded",
    "write_padded_archive",
    "write_recipe",
    "xzipped",
    "zstd",
]
