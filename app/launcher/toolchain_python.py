"""Prints the Python of the models' tool chain, which the tests of models/ run in; makes the tool chain where it is missing.

Exit status: 0 it is there, 1 it could not be made (one line says why), 130 interrupted.
"""

import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "models"))

from omniflow_models import home as homes  # noqa: E402  (the folder above must be on the path)
from omniflow_models.errors import ModelsError  # noqa: E402
from omniflow_models.progress import Progress  # noqa: E402
from omniflow_models.toolchain import SIZE, Toolchain  # noqa: E402


def main():
    signal.signal(signal.SIGTERM, _interrupt)
    home = homes.Home(homes.default_home())
    toolchain = Toolchain(home)
    try:
        if not toolchain.is_ready:
            progress = Progress()
            with home.exclusive(progress):
                home.require_space(SIZE)
                toolchain.prepare(progress)
    except ModelsError as error:
        print(f"test: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(toolchain.folder / "bin" / "python")
    return 0


def _interrupt(number, frame):
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
