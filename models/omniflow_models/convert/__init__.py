"""From weights to bundles: everything here runs in the pinned tool chain (numpy, onnx,
onnxruntime).

The code outside this package needs nothing but Python's standard library.
"""
