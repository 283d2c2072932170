"""How to show it: each report reads a Verdict, nothing else."""
