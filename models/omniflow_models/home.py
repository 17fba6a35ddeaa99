"""Where everything is kept, one writer at a time, and folders that appear whole or not at all."""

import contextlib
import errno
import fcntl
import hashlib
import os
import pathlib
import shutil
import sys

from .errors import ModelsError

TEMPORARY = ".tmp-"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def default_home(environment=os.environ):
    if environment.get("OMNIFLOW_HOME"):
        return pathlib.Path(environment["OMNIFLOW_HOME"]).absolute()
    user = pathlib.Path.home()
    if sys.platform == "darwin":
        return user / "Library" / "Caches" / "omniflow"
    return pathlib.Path(environment.get("XDG_CACHE_HOME") or user / ".cache") / "omniflow"


class Home:
    """The layout of OMNIFLOW_HOME."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.bundles = self.root / "bundles"
        self.downloads = self.root / "downloads"
        self.toolchains = self.root / "toolchain"
        self._lock = self.root / "models.lock"

    def bundle(self, name, version):
        return self.bundles / name / version

    @contextlib.contextmanager
    def exclusive(self, progress):
        """Holds the home against other runs. The kernel releases the lock when a run dies, however
        it dies.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self._lock, "a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress.say("another run is making models; waiting for it to end")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def sweep(self):
        """Removes what dead runs left. Only the holder of the lock may call it: then no temporary
        folder has a living owner.
        """
        for parent in (self.toolchains, self.downloads, self.bundles, *_folders(self.bundles)):
            for child in _children(parent):
                if child.name.startswith(TEMPORARY):
                    remove(child)

    def require_space(self, needed):
        """Fails early when the disk cannot hold `needed` more bytes."""
        self.root.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise ModelsError(
                f"the disk that holds {self.root} has {_megabytes(free)} free and"
                f" {_megabytes(needed)} are needed:"
                " free some, or set OMNIFLOW_HOME to a folder on another disk"
            )


def _children(folder):
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _folders(folder):
    return [child for child in _children(folder) if child.is_dir()]


def remove(path):
    """Removes a file or a folder with all in it; one that is not there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def is_full(error):
    return isinstance(error, OSError) and error.errno in _FULL


def full_disk(home):
    return ModelsError(
        f"the disk that holds {home} is full (or a limit on file sizes was reached): free some"
        " space, or set OMNIFLOW_HOME to"
        " a folder on another disk; nothing half-made was kept"
    )


@contextlib.contextmanager
def appearing(target):
    """Gives a temporary folder beside `target`; on success it is synced to disk and takes the
    target's place in one rename.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.parent / f"{TEMPORARY}{os.getpid()}-{target.name}"
    remove(temporary)
    temporary.mkdir()
    try:
        yield temporary
        for path in sorted(temporary.rglob("*")):
            sync(path)
        sync(temporary)
        if target.exists():
            replaced = target.parent / f"{TEMPORARY}{os.getpid()}-old-{target.name}"
            target.rename(replaced)
            temporary.rename(target)
            remove(replaced)
        else:
            temporary.rename(target)
        sync(target.parent)
    finally:
        remove(temporary)


def sync(path):
    if path.is_symlink():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _megabytes(count):
    return f"{count / 1e6:.0f} MB"
