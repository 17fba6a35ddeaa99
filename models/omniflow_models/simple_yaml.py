"""The small part of YAML that `bundle.yaml` is written in, and back.

Maps are blocks indented by two spaces; a scalar, a list of scalars or a `Flow` map stands on one
line as JSON, which is YAML too; a list of maps has one `- {...}` a line. What `dump` writes any
YAML 1.1 or 1.2 reader understands; `load` reads only this form.
"""

import json
import re

from .errors import ModelsError

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
# Words that YAML 1.1 takes for booleans or null when they are not quoted ("no" is also Norwegian).
_RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


class Flow(dict):
    """A map to be written on one line."""


def dump(value, header=""):
    lines = ["# " + line for line in header.splitlines()]
    _dump_map(value, "", lines)
    return "\n".join(lines) + "\n"


def _dump_map(value, indent, lines):
    for key, item in value.items():
        plain = _PLAIN_KEY.match(key) and key.lower() not in _RESERVED
        start = f"{indent}{key if plain else json.dumps(key)}:"
        if isinstance(item, dict) and item and not isinstance(item, Flow):
            lines.append(start)
            _dump_map(item, indent + "  ", lines)
        elif isinstance(item, list) and any(isinstance(element, dict) for element in item):
            lines.append(start)
            lines.extend(f"{indent}  - {json.dumps(element)}" for element in item)
        else:
            lines.append(f"{start} {json.dumps(item)}")


def load(text):
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    value, rest = _load_block(lines, 0)
    if rest:
        raise ModelsError(
            f"line {rest[0][0]} is indented in a way that bundles do not use: {rest[0][1]!r}"
        )
    return value


def _load_block(lines, depth):
    indent = " " * depth
    if lines and lines[0][1].startswith(indent + "- "):
        items = []
        while lines and lines[0][1].startswith(indent + "- "):
            items.append(_json(lines[0], lines[0][1][depth + 2 :]))
            lines = lines[1:]
        return items, lines
    block = {}
    while lines and lines[0][1].startswith(indent) and not lines[0][1].startswith(indent + " "):
        number, line = lines[0]
        body = line[depth:]
        if body.startswith('"'):
            try:
                key, end = json.JSONDecoder().raw_decode(body)
            except ValueError as error:
                raise ModelsError(
                    f"line {number} has a key that cannot be read: {error}"
                ) from error
        else:
            end = body.find(":")
            key = body[:end]
        if end < 0 or body[end : end + 1] != ":":
            raise ModelsError(f"line {number} is not `key: value`: {line!r}")
        if key in block:
            raise ModelsError(f"line {number} repeats the key {key}")
        written = body[end + 1 :].strip()
        lines = lines[1:]
        if written:
            block[key] = _json((number, line), written)
        else:
            block[key], lines = _load_block(lines, depth + 2)
    return block, lines


def _json(line, written):
    try:
        return json.loads(written)
    except ValueError as error:
        raise ModelsError(
            f"line {line[0]} has a value that is not JSON: {line[1]!r} ({error})"
        ) from error
