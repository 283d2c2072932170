"""How bad it is: every number in `policy`, a pure judgement in `aggregate`."""
