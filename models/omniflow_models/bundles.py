"""Bundles on disk: made, listed, verified, removed."""

import dataclasses
import json

from . import home as homes
from . import simple_yaml
from .downloads import fetch
from .errors import ModelsError
from .toolchain import SIZE as TOOLCHAIN_SIZE
from .toolchain import run

DESCRIPTION = "bundle.yaml"
_SPARE = 50_000_000


def damage(folder):
    """Why the bundle in this folder cannot be used, judged without reading its files; None when
    nothing is amiss.

    A bundle appears by one rename of a synced folder, so what is there is whole unless someone
    changed it since.
    """
    if not folder.is_dir():
        return "not made"
    try:
        described = read_description(folder)
    except ModelsError as error:
        return str(error)
    for name in described["files"]:
        if not (folder / name).is_file():
            return f"{name} is missing"
    return None


def read_description(folder):
    path = folder / DESCRIPTION
    try:
        described = simple_yaml.load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelsError(f"{path} cannot be read: {error}") from error
    except ModelsError as error:
        raise ModelsError(f"{path}: {error}") from error
    for field in ("files", "graphs"):
        if not isinstance(described.get(field), dict):
            raise ModelsError(f"{path} has no map called {field}")
    return described


class Bundles:
    def __init__(self, home, lock, toolchain, progress):
        self._home = home
        self._lock = lock
        self._toolchain = toolchain
        self._progress = progress

    def folder(self, recipe):
        return self._home.bundle(recipe.name, recipe.version)

    def state(self, recipe):
        found = damage(self.folder(recipe))
        if found is None:
            return "made"
        return "not made" if not self.folder(recipe).exists() else "damaged"

    def make(self, names):
        """Makes what is not there; when nothing is missing, it only reads the descriptions."""
        recipes = self._lock.select(names)
        if not self._missing(recipes):
            return
        with self._home.exclusive(self._progress):
            missing = self._missing(recipes)  # another run may have made them while this one waited
            if not missing:
                return
            self._home.sweep()
            self._home.require_space(self._needed(missing))
            self._toolchain.prepare(self._progress)
            wheels = {}
            for recipe in missing:
                for package in self._lock.packages(recipe):
                    if package.name not in wheels:
                        wheels[package.name] = fetch(
                            package, self._home, self._toolchain, self._progress
                        )
            for recipe in missing:
                with self._progress.stage(f"converting {recipe.name} {recipe.version}"):
                    self._convert(recipe, wheels)

    def _missing(self, recipes):
        return [recipe for recipe in recipes if damage(self.folder(recipe)) is not None]

    def _needed(self, recipes):
        packages = {
            package.name: package for recipe in recipes for package in self._lock.packages(recipe)
        }
        absent = [
            package
            for package in packages.values()
            if not (self._home.downloads / package.file).exists()
        ]
        # Twice the wheels: pip writes each to a temporary file before it puts it down.
        needed = (
            sum(2 * package.size for package in absent)
            + sum(recipe.size for recipe in recipes)
            + _SPARE
        )
        return needed if self._toolchain.is_ready else needed + TOOLCHAIN_SIZE

    def _convert(self, recipe, wheels):
        packages = self._lock.packages(recipe)
        with homes.appearing(self.folder(recipe)) as out:
            request = {
                "action": "convert",
                "recipe": dataclasses.asdict(recipe),
                "packages": [dataclasses.asdict(package) for package in packages],
                "wheels": {package.name: str(wheels[package.name]) for package in packages},
                "out": str(out),
            }
            self._inside(request, f"{recipe.name} {recipe.version} could not be made", out.parent)
            (out / DESCRIPTION).stat()

    def _inside(self, request, failure, place):
        """Runs a request in the tool chain; the caller sees its failure as one line."""
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"{homes.TEMPORARY}request.json"
        path.write_text(json.dumps(request), "utf-8")
        try:
            done = run(self._toolchain.python("omniflow_models.convert", str(path)))
        finally:
            homes.remove(path)
        if done.returncode < 0:
            raise ModelsError(
                f"{failure}: the converter was ended by signal {-done.returncode} (too little"
                " memory?)"
            )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["the converter gave no reason"]
            raise ModelsError(f"{failure}: {lines[-1]}")

    def verify(self, recipe):
        """Reads every file of a bundle against its hash, then loads its graphs. Raises what is
        wrong.
        """
        folder = self.folder(recipe)
        found = damage(folder)
        if found is not None:
            raise ModelsError(
                f"{recipe.name} {recipe.version}: {found}; `models make {recipe.name}` makes it"
            )
        described = read_description(folder)
        remedy = f"run `models clean {recipe.name}` and `models make {recipe.name}`"
        with self._progress.stage(f"verifying {recipe.name} {recipe.version}"):
            extra = sorted(
                {path.name for path in folder.iterdir()} - set(described["files"]) - {DESCRIPTION}
            )
            if extra:
                raise ModelsError(
                    f"{recipe.name} {recipe.version}: {', '.join(extra)} does not belong there;"
                    f" {remedy}"
                )
            for name, expected in described["files"].items():
                actual = homes.sha256(folder / name)
                if actual != expected:
                    raise ModelsError(
                        f"{recipe.name} {recipe.version}: {name} is damaged: expected sha256"
                        f" {expected}, got {actual}; {remedy}"
                    )
        if not self._toolchain.is_ready:
            with self._home.exclusive(self._progress):
                self._home.require_space(TOOLCHAIN_SIZE)
                self._toolchain.prepare(self._progress)
        with self._progress.stage(f"loading the graphs of {recipe.name} {recipe.version}"):
            graphs = [str(folder / graph["file"]) for graph in described["graphs"].values()]
            with self._home.exclusive(self._progress):
                self._inside(
                    {"action": "load", "graphs": graphs},
                    f"{recipe.name} {recipe.version}",
                    self._home.bundles,
                )

    def clean(self, names, downloads):
        recipes = self._lock.select(names)
        if not self._home.root.exists():
            return
        with self._home.exclusive(self._progress):
            self._home.sweep()
            for recipe in recipes:
                homes.remove(self._home.bundles / recipe.name)
                if downloads:
                    for package in self._lock.packages(recipe):
                        homes.remove(self._home.downloads / package.file)
            if downloads and not names:
                homes.remove(self._home.downloads)
                homes.remove(self._home.toolchains)
