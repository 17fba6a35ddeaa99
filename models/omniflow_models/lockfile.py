"""The lock file: which packages, by hash, become which bundles, by which recipe."""

import dataclasses
import json
import pathlib

from .errors import ModelsError, UsageError

SCHEMA = 1
FOLDER = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Package:
    """One wheel. `size` is in bytes, `brings` is for people."""

    name: str
    version: str
    file: str
    sha256: str
    size: int
    licence: str
    brings: str


@dataclasses.dataclass(frozen=True)
class Recipe:
    """One bundle. `parameters` belong to the program that converts it; `size` is what the bundle
    takes, in bytes.
    """

    name: str
    version: str
    kind: str
    program: str
    packages: tuple
    size: int
    licences: list
    parameters: dict


class LockFile:
    def __init__(self, packages, recipes):
        self._packages = packages
        self.recipes = recipes

    @classmethod
    def read(cls, path=FOLDER / "models.lock.json"):
        try:
            content = json.loads(pathlib.Path(path).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelsError(f"the lock file {path} cannot be read: {error}") from error
        if content.get("schema") != SCHEMA:
            raise ModelsError(
                f"the lock file {path} has schema {content.get('schema')}; expected {SCHEMA}"
            )
        try:
            packages = {
                name: Package(name=name, **fields) for name, fields in content["packages"].items()
            }
            recipes = {
                name: Recipe(name=name, **{**fields, "packages": tuple(fields["packages"])})
                for name, fields in content["bundles"].items()
            }
            for recipe in recipes.values():
                for package in recipe.packages:
                    packages[package]
        except (KeyError, TypeError) as error:
            raise ModelsError(
                f"the lock file {path} lacks a field or has one too many: {error}"
            ) from error
        return cls(packages, recipes)

    def packages(self, recipe):
        return [self._packages[name] for name in recipe.packages]

    def select(self, names):
        """The recipes of these names, or all of them when none is named."""
        unknown = [name for name in names if name not in self.recipes]
        if unknown:
            raise UsageError(
                f"no bundle is called {', '.join(unknown)}; there are {', '.join(self.recipes)}"
            )
        return [self.recipes[name] for name in (dict.fromkeys(names) if names else self.recipes)]
