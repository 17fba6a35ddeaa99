"""Reads a CTranslate2 `model.bin`, version 6, with the file open and nothing else: no framework, no
network.

The file is little-endian and packed: `u32 version, str spec, u32 revision, u32 n`, then n variables
`str name, u8 rank, u32 dims[rank], u8 type, u32 bytes, data`, then `u32 m` and m pairs of strings
(alias, name). A string is a u16 length and that many bytes, the last of which is zero.
"""

import struct

import numpy as np

from ..errors import ModelsError

VERSION = 6
_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


class Reader:
    def __init__(self, data):
        self._data = memoryview(data)
        self._at = 0

    def take(self, count):
        if count > len(self._data) - self._at:
            raise ModelsError(
                f"the CTranslate2 file ends too early: {count} bytes were expected at offset"
                f" {self._at},"
                f" {len(self._data) - self._at} are left"
            )
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def number(self, code):
        return struct.unpack("<" + code, self.take(struct.calcsize(code)))[0]

    def text(self):
        return bytes(self.take(self.number("H")))[:-1].decode("utf-8")

    @property
    def left(self):
        return len(self._data) - self._at


def read(data):
    """Returns (spec name, {variable: array}). Aliases point to the same array; arrays are views of
    `data`.
    """
    reader = Reader(data)
    version = reader.number("I")
    if version != VERSION:
        raise ModelsError(
            f"the CTranslate2 file has version {version}; this converter reads version {VERSION}"
        )
    spec = reader.text()
    reader.number("I")
    variables = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = [reader.number("I") for _ in range(reader.number("B"))]
        code = reader.number("B")
        if code not in _TYPES:
            raise ModelsError(
                f"variable {name} has the unknown type {code}; known are {sorted(_TYPES)}"
            )
        variables[name] = np.frombuffer(reader.take(reader.number("I")), _TYPES[code]).reshape(
            shape
        )
    for _ in range(reader.number("I")):
        alias = reader.text()
        variables[alias] = variables[reader.text()]
    if reader.left:
        raise ModelsError(f"{reader.left} bytes follow the end of the CTranslate2 data")
    return spec, variables
