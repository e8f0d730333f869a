"""Measures how many texts a second the sentence encoder turns into vectors.

Ours: MiniLM served by OpenVINO as the worker does it, sorted by length, batched by tokens, nothing
cached. Two baselines on torch, both in batches of 16 in the order given, padded to the longest, float32:
BERT-base (random weights: its shape decides the time), the classic choice, and the same MiniLM. The
texts are the lines of synthetic notes, 2 to 100 tokens long.

    python -m benchmarks.encoder [--quick]
    CMC_MODEL_PRECISION=bf16 python -m benchmarks.encoder
"""

import time
from collections.abc import Callable, Sequence

import torch
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel

from benchmarks.measure import Comparison, Side, show, told_to_be_quick
from producers.synthetic import encounters
from runtime.encoder import MAX_TOKENS, MODEL_NAME, MiniLmEncoder, model_folder
from runtime.settings import ModelSettings, read

BATCH = 16
SEED = 11
Encode = Callable[[Sequence[str]], object]


def main() -> None:
    """Measure all three in turn, several times, and print a table and a JSON line for each baseline."""
    quick = told_to_be_quick(__doc__)
    count, rounds = (160, 2) if quick else (800, 5)
    texts = _lines(count)
    settings = read(ModelSettings)
    ours = MiniLmEncoder(model_folder(), threads=settings.threads, precision=settings.precision)
    base = _torch_encoder(BertModel(BertConfig()))  # type: ignore[no-untyped-call]
    small = _torch_encoder(AutoModel.from_pretrained(model_folder()))
    sides: dict[str, tuple[Encode, list[float]]] = {
        f"{MODEL_NAME}, OpenVINO {settings.precision}": (ours.encode_once, []),
        "BERT-base, torch f32": (base, []),
        f"{MODEL_NAME}, torch f32": (small, []),
    }
    for encode, _ in sides.values():
        encode(texts[:BATCH])  # warm
    for _ in range(rounds):
        for encode, rates in sides.values():
            rates.append(_rate(encode, texts))
    first, *others = [Side(name=n, figures=tuple(rates)) for n, (_, rates) in sides.items()]
    for other in others:
        show(Comparison(question=f"texts/s encoded, {count} lines", ours=first, baseline=other))


def _lines(count: int) -> list[str]:
    lines = {
        line.strip(): None
        for note in encounters(count, SEED)
        for line in note.event.text.splitlines()
        if line.strip()
    }
    return list(lines)[:count]


def _rate(encode: Encode, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    encode(texts)
    return len(texts) / (time.perf_counter() - began)


def _torch_encoder(model: torch.nn.Module) -> Encode:
    tokenizer = AutoTokenizer.from_pretrained(model_folder())
    model.eval()

    def encode(texts: Sequence[str]) -> None:
        for first in range(0, len(texts), BATCH):
            inputs = tokenizer(
                list(texts[first : first + BATCH]), padding=True, truncation=True, max_length=MAX_TOKENS,
                return_tensors="pt",
            )  # fmt: skip
            with torch.inference_mode():
                model(**inputs)

    return encode


if __name__ == "__main__":
    main()
