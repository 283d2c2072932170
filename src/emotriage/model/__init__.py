"""The nouns: blobs, findings, indicators, verdicts, limits. Standard library only."""
