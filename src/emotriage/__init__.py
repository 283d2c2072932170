"""emotriage: static triage of mail attachments, with every point explained."""

__version__ = "0.1.0"
