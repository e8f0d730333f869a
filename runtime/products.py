"""The engine's products with fixed matrices, on the CPU by OpenVINO.

Numpy's BLAS answers a row otherwise, in the last bit, when other rows stand beside it, and its waiting
threads contend with those of the encoder (docs/adr/0012-engine-speed.md).
"""

import weakref

import numpy as np
import openvino as ov
from openvino import opset13 as op

from clinical_coding.arrays import Vectors

AT_ONCE = 256  # vectors; OpenVINO keeps the memory of its largest answer


class CompiledProducts:
    """Meets the engine's Products: compiles a matrix when it meets it, and keeps it as long as it lives."""

    def __init__(self, *, threads: int = 0) -> None:
        """``threads`` 0 leaves their number to OpenVINO."""
        self._options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        if threads:
            self._options["INFERENCE_NUM_THREADS"] = str(threads)
        self._compiled: dict[int, ov.InferRequest] = {}

    def __call__(self, vectors: Vectors, rows: Vectors) -> Vectors:
        """``vectors @ rows.T``, in float32 on any CPU."""
        request = self._request(rows)
        product = np.empty((len(vectors), len(rows)), np.float32)
        for first in range(0, len(vectors), AT_ONCE):
            some = np.ascontiguousarray(vectors[first : first + AT_ONCE])
            product[first : first + AT_ONCE] = request.infer([some], share_outputs=True)[0]
        return product

    def _request(self, rows: Vectors) -> ov.InferRequest:
        if id(rows) not in self._compiled:
            self._compiled[id(rows)] = self._compile(rows)
            weakref.finalize(rows, self._compiled.pop, id(rows))
        return self._compiled[id(rows)]

    def _compile(self, rows: Vectors) -> ov.InferRequest:
        vectors = op.parameter([-1, rows.shape[1]], np.float32)
        product = op.matmul(
            vectors, op.constant(np.asarray(rows)), transpose_a=False, transpose_b=True
        )
        model = ov.Model([product], [vectors], "products")
        return ov.Core().compile_model(model, "CPU", self._options).create_infer_request()
