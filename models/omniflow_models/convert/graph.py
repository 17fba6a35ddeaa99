"""A small builder of ONNX graphs whose bytes depend on nothing but what it is told.

Names are given by order or by the caller, never by an address or a clock; producer, opset and IR
version are fixed, so the same weights give the same file on any machine. The values keep to what
ONNX Runtime 1.23 and later load.
"""

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET = 20
CONTRIB_OPSET = 1
IR_VERSION = 9
PRODUCER = "omniflow"
CONTRIB = "com.microsoft"

_TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64}


class GraphBuilder:
    """Collects the nodes and weights of one graph.

    A value is named by a string; `op` returns the name (or names) of what it computes.
    """

    def __init__(self, name):
        self._name = name
        self._nodes = []
        self._weights = {}
        self._shared = {}
        self._inputs = []
        self._outputs = []
        self._next = 0

    def input(self, name, dtype, shape):
        self._inputs.append(helper.make_tensor_value_info(name, _TYPES[dtype], shape))
        return name

    def output(self, name, dtype, shape):
        """Declares the value called `name`, which some node computes, as an output."""
        self._outputs.append(helper.make_tensor_value_info(name, _TYPES[dtype], shape))
        return name

    def weight(self, name, array):
        """Adds a weight once; a second call of the same name must bring the same array."""
        array = np.asarray(array, order="C")
        if name in self._weights:
            if not np.array_equal(self._weights[name], array):
                raise ValueError(f"weight {name} is given twice with different values")
        else:
            self._weights[name] = array
        return name

    def constant(self, value, dtype):
        """A small constant, shared by all that ask for the same one."""
        array = np.array(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._shared:
            self._shared[key] = self.weight(f"const_{len(self._shared)}", array)
        return self._shared[key]

    def ints(self, *values):
        return self.constant(list(values), np.int64)

    def op(self, kind, *inputs, out=None, count=1, unused=(), domain="", **attributes):
        """Adds a node. `out` names its only output; `count` asks for several, named by order, less
        those at the `unused` places.
        """
        if out is not None:
            outputs = [out]
        else:
            outputs = ["" if i in unused else f"v{self._next + i}" for i in range(count)]
            self._next += count
        node = helper.make_node(
            kind, list(inputs), outputs, name=f"n{len(self._nodes)}_{kind}", domain=domain
        )
        node.attribute.extend(
            helper.make_attribute(key, attributes[key])
            for key in sorted(attributes)
            if attributes[key] is not None
        )
        self._nodes.append(node)
        named = [output for output in outputs if output]
        return named[0] if len(named) == 1 else named

    def build(self):
        domains = sorted({node.domain for node in self._nodes} | {""})
        graph = helper.make_graph(
            self._nodes,
            self._name,
            self._inputs,
            self._outputs,
            [numpy_helper.from_array(array, name) for name, array in self._weights.items()],
        )
        model = helper.make_model(
            graph,
            opset_imports=[
                helper.make_opsetid(domain, CONTRIB_OPSET if domain else OPSET)
                for domain in domains
            ],
            producer_name=PRODUCER,
            producer_version="",
            ir_version=IR_VERSION,
        )
        checker.check_model(model)
        return model


def write_model(model, path):
    with open(path, "wb") as file:
        file.write(model.SerializeToString(deterministic=True))


def describe_ports(model):
    """Inputs and outputs of a graph as {name: {type, shape}}; a dimension that varies is given by
    its symbol.
    """

    def describe(value):
        tensor = value.type.tensor_type
        shape = [
            dim.dim_param if dim.HasField("dim_param") else dim.dim_value
            for dim in tensor.shape.dim
        ]
        names = {number: name for name, number in _TYPES.items()}
        return {"type": names[tensor.elem_type], "shape": shape}

    return (
        {value.name: describe(value) for value in model.graph.input},
        {value.name: describe(value) for value in model.graph.output},
    )
