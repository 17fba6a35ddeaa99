"""The command line on a lock file of the test, with the interpreter at hand as the tool chain:
`driver.py LOCK [FILE_LIMIT] -- …`.
"""

import pathlib
import resource
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from omniflow_models import cli, toolchain


class ThisInterpreter(toolchain.Toolchain):
    """The tests run inside the tool chain already; making another would need a network."""

    def __init__(self, home):
        super().__init__(home)
        self._python = pathlib.Path(sys.executable)


if __name__ == "__main__":
    own, arguments = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    if len(own) > 1:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(own[1]), int(own[1])))
    cli.Toolchain = ThisInterpreter
    sys.exit(cli.main(arguments, own[0]))
