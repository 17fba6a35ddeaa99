"""The pinned tool chain: a virtual environment named by the hash of its requirements, made once."""

import contextlib
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys

from . import home as homes
from .errors import ModelsError
from .lockfile import FOLDER

REQUIREMENTS = FOLDER / "requirements.txt"
SIZE = 330_000_000


class Toolchain:
    def __init__(self, home, requirements=REQUIREMENTS):
        self._home = home
        self._requirements = requirements
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        key = hashlib.sha256(
            requirements.read_bytes() + f"{python}\n{sys.prefix}\n".encode()
        ).hexdigest()
        self.folder = home.toolchains / key[:16]
        self._python = self.folder / "bin" / "python"

    @property
    def is_ready(self):
        return self._python.exists()

    def prepare(self, progress):
        """Makes the environment where it is missing. The caller holds the home's lock."""
        if self.is_ready:
            return
        if (
            importlib.util.find_spec("venv") is None
            or importlib.util.find_spec("ensurepip") is None
        ):
            raise ModelsError(
                "Python's venv module is incomplete here (no ensurepip): install it (on Debian and"
                " Ubuntu: apt-get install python3-venv) and run this again"
            )
        # A virtual environment holds its own path, so it cannot be made elsewhere and renamed.
        # A link to it, made last and in one step, says that it is whole.
        place = self.folder.parent / f"env-{self.folder.name}"
        homes.remove(place)
        with progress.stage("preparing the tool chain (numpy, onnx, onnxruntime)"):
            self._run(
                [sys.executable, "-m", "venv", str(place)],
                "the virtual environment could not be made",
            )
            self._run(
                [
                    str(place / "bin" / "python"),
                    *pip_arguments("install"),
                    "--require-hashes",
                    "--requirement",
                    str(self._requirements),
                ],
                "the tool chain could not be installed",
            )
            link = self.folder.parent / f"{homes.TEMPORARY}{self.folder.name}"
            homes.remove(link)
            link.symlink_to(place.name)
            link.rename(self.folder)

    def _run(self, command, failure):
        done = run(command)
        if done.returncode:
            raise explain(done.stderr, failure, self._home.root)

    def python(self, *arguments):
        """The command that runs a module of this package inside the tool chain."""
        return [str(self._python), "-B", "-m", *arguments]

    def pip(self, command):
        return [str(self._python), *pip_arguments(command)]


def pip_arguments(command):
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--quiet"]
    return ["-m", "pip", command, *quiet, "--no-deps", "--only-binary", ":all:"]


def run(command, environment=None):
    """Runs a command to its end and returns it with its output. When this run is interrupted, so is
    the command.
    """
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        cwd=FOLDER,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
        start_new_session=True,
    )
    try:
        out, err = child.communicate()
    except BaseException:
        # The child hears the same signal and may have ended by itself.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise
    return subprocess.CompletedProcess(command, child.returncode, out, err)


def explain(output, failure, home):
    """The one line that says why pip or venv failed, from what it wrote."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    lower = output.lower()
    if "no space left" in lower or "file too large" in lower or "disk quota" in lower:
        return homes.full_disk(home)
    if "do not match the hashes" in lower:
        found = [
            line
            for line in lines
            if line.startswith(("Expected", "Got", "from", "or")) or "(from" in line
        ]
        return ModelsError(
            f"{failure}: a package does not have the hash that is pinned ({'; '.join(found)});"
            " nothing of it was used."
            " Check the package index that pip is configured with"
        )
    offline = (
        "connection",
        "name resolution",
        "timed out",
        "unreachable",
        "proxyerror",
        "sslerror",
    )
    if any(sign in lower for sign in offline):
        return ModelsError(
            f"{failure}: the package index could not be reached; check the network and pip's"
            " configuration"
        )
    if "ensurepip" in lower:
        return ModelsError(
            f"{failure}: ensurepip is missing; install it (on Debian and Ubuntu: apt-get install"
            " python3-venv)"
        )
    if "no matching distribution" in lower:
        errors = [line for line in lines if "No matching distribution" in line]
        return ModelsError(
            f"{failure}: {errors[0].removeprefix('ERROR: ')}. The package index that pip uses does"
            " not have it"
            " for this Python and platform, or cannot be reached"
        )
    last = next(
        (line for line in reversed(lines) if not line.startswith("WARNING")), "no reason was given"
    )
    return ModelsError(f"{failure}: {last.removeprefix('ERROR: ')}")
