"""`python -m emotriage`."""

import sys

from emotriage.cli import main

sys.exit(main())
