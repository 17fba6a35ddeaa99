"""Files out of published packages: fetched by package name, pinned by version and sha256, kept under OMNIFLOW_HOME.

Every file that the benchmarks use and that is not in this repository comes through here. Only the machine's own package
clients are asked (apt-get and pip, as they are set up), never a host of ours. A file is moved into ``downloads`` only once
its sha256 is right, in one step, so an interrupted run leaves nothing half-made and two runs at once do not disturb
each other. What is in ``downloads`` already is checked and used without a network.

No root is needed: apt-get works on lists and caches in a folder of our own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path


class PackageError(Exception):
    """A package cannot be had as pinned. The message says what was expected, what came and what to change."""


@dataclass(frozen=True)
class DebianPackage:
    """One binary package of Debian, architecture ``all``."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version}_all.deb"


@dataclass(frozen=True)
class Wheel:
    """One wheel of the Python package index that fits every platform."""

    name: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


def omniflow_home() -> Path:
    """The folder for all that Omniflow keeps outside the repository: OMNIFLOW_HOME, or the user's cache folder."""
    configured = os.environ.get("OMNIFLOW_HOME")
    if configured:
        return Path(configured).absolute()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache").absolute() / "omniflow"


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def debian_files(packages: list[DebianPackage]) -> list[Path]:
    """The .deb files of ``packages``, in order; fetches with apt-get what is not there yet."""
    missing = [package for package in packages if not _is_kept(package.file_name, package.sha256)]
    if missing:
        _fetch_debian(missing)
    return [_downloads() / package.file_name for package in packages]


def unpack_debian(package_file: Path, into: Path) -> None:
    """Unpacks the files of a .deb; nothing of it is installed or run."""
    if shutil.which("dpkg-deb") is None:
        raise PackageError("Needs dpkg-deb to unpack Debian packages, and it is not there: run this on Debian or Ubuntu.")
    _run(["dpkg-deb", "--extract", str(package_file), str(into)], f"unpack {package_file.name}")


def wheel_file(wheel: Wheel) -> Path:
    """The wheel's file; fetches it with pip when it is not there yet."""
    if not _is_kept(wheel.file_name, wheel.sha256):
        _fetch_wheel(wheel)
    return _downloads() / wheel.file_name


def _downloads() -> Path:
    folder = omniflow_home() / "downloads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_kept(file_name: str, sha256: str) -> bool:
    path = _downloads() / file_name
    if not path.exists():
        return False
    found = sha256_of(path)
    if found != sha256:
        raise PackageError(f"{path} has sha256 {found}, but {sha256} is pinned: remove the file and run this again.")
    return True


def _keep(fetched: Path, file_name: str, sha256: str) -> None:
    found = sha256_of(fetched)
    if found != sha256:
        raise PackageError(
            f"{file_name} came with sha256 {found}, but {sha256} is pinned: nothing was kept."
            " The registry serves another file under the same version; do not use it before someone has looked."
        )
    fetched.replace(_downloads() / file_name)


def _fetch_debian(packages: list[DebianPackage]) -> None:
    if shutil.which("apt-get") is None:
        raise PackageError("Needs apt-get to fetch Debian packages, and it is not there: run this on Debian or Ubuntu.")
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=_downloads()) as folder:
        apt = Path(folder)
        (apt / "lists" / "partial").mkdir(parents=True)
        (apt / "cache" / "archives" / "partial").mkdir(parents=True)
        options = [
            "--quiet=2",
            "--option", f"Dir::State::lists={apt / 'lists'}",
            "--option", f"Dir::Cache={apt / 'cache'}",
            # Run as root, apt-get would give up root for a user that may not write into this folder.
            "--option", "APT::Sandbox::User=root",
        ]
        print("Reading the lists of Debian's packages …", file=sys.stderr)
        warnings = _run(["apt-get", *options, "update"], "read the lists of Debian's packages", apt)
        if warnings:  # With no network it only warns, and the next step then says no more than "not found".
            print(warnings, file=sys.stderr)
        for package in packages:
            print(f"Fetching {package.name} {package.version} …", file=sys.stderr)
            _run(["apt-get", *options, "download", f"{package.name}={package.version}"], f"fetch {package.file_name}", apt)
            _keep(apt / package.file_name, package.file_name, package.sha256)


def _fetch_wheel(wheel: Wheel) -> None:
    with tempfile.TemporaryDirectory(prefix=".pip-", dir=_downloads()) as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text(f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n", encoding="utf-8")
        print(f"Fetching {wheel.name} {wheel.version} …", file=sys.stderr)
        _run(
            [
                sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                "--only-binary=:all:", "--require-hashes", "--requirement", str(requirements), "--dest", folder,
            ],
            f"fetch {wheel.file_name}",
        )
        _keep(Path(folder) / wheel.file_name, wheel.file_name, wheel.sha256)


def _run(command: list[str], purpose: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise PackageError(
            f"Could not {purpose}: {' '.join(command[:3])} … ended with {done.returncode} and said:\n{done.stdout.strip()}"
        )
    return done.stdout.strip()
