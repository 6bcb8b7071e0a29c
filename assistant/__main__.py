"""`python -m assistant` is the command `aisle`."""

import sys

from assistant.cli import main

sys.exit(main())
