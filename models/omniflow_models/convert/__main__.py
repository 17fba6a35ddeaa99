"""Runs inside the tool chain: `python -m omniflow_models.convert REQUEST.json`.

A request is `{"action": "convert", "recipe": …, "packages": …, "wheels": {package: path}, "out":
folder}` or `{"action": "load", "graphs": [path, …]}`. Ends with 0, or with 1 and the reason as the
last line on stderr.
"""

import json
import pathlib
import sys

from .. import home, lockfile
from ..errors import ModelsError


def main(path):
    request = json.loads(pathlib.Path(path).read_text("utf-8"))
    try:
        if request["action"] == "convert":
            from . import recipes

            packages = [lockfile.Package(**fields) for fields in request["packages"]]
            wheels = {name: pathlib.Path(wheel) for name, wheel in request["wheels"].items()}
            recipes.convert(
                lockfile.Recipe(**request["recipe"]), packages, wheels, pathlib.Path(request["out"])
            )
        elif request["action"] == "load":
            _load(request["graphs"])
        else:
            raise ModelsError(f"unknown action {request['action']}")
    except ModelsError as error:
        print(error, file=sys.stderr)
        return 1
    except MemoryError:
        print("there is not enough memory; about 1.5 GB are needed", file=sys.stderr)
        return 1
    except OSError as error:
        if not home.is_full(error):
            raise
        print(home.full_disk(request.get("out", "the bundles")), file=sys.stderr)
        return 1
    return 0


def _load(graphs):
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    for graph in graphs:
        try:
            onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
        except Exception as error:  # the binding's errors share no narrower base class
            reason = str(error).splitlines()[0]
            raise ModelsError(
                f"{graph} does not load in ONNX Runtime {onnxruntime.__version__}: {reason}"
            ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
