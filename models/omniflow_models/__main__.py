"""The command: `python3 models/omniflow_models list|make|verify|clean`."""

import os
import sys

if not __package__:  # started by its folder, as the launcher does
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    __package__ = "omniflow_models"

from omniflow_models.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
