"""Clauses beside the titles of the codes that they were written for, to the projection of both."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from clinical_coding.arrays import Vectors
from clinical_coding.projection import Projection

EPOCHS = 8
BATCH = 256
OTHERS = 4096  # titles, drawn at random, that a clause must lie farther from
TEMPERATURE = 0.05
LEARNING_RATE, WEIGHT_DECAY = 3e-4, 1e-2


def fit_projection(
    clauses: Vectors, rows: NDArray[np.int64], titles: Vectors, seed: int
) -> Projection:
    """Both maps, so that each clause is likest its own title of all (InfoNCE; van den Oord et al., 2018).

    ``rows`` (clauses,) are the places of the clauses' titles among ``titles`` (texts, dims). The same
    arguments give the same maps on one machine.
    """
    torch.manual_seed(seed)
    given, known = torch.from_numpy(clauses), torch.from_numpy(np.array(titles))
    wanted = torch.from_numpy(rows)
    dims = clauses.shape[1]
    maps = [torch.zeros(dims, dims, requires_grad=True) for _ in range(2)]
    optimizer = torch.optim.AdamW(maps, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(given)).split(BATCH):  # type: ignore[no-untyped-call] # torch has no types for it
            loss = _loss(given[batch], wanted[batch], known, maps)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call] # torch has no types for it
            optimizer.step()
    of_clauses, of_titles = (found.detach().numpy() for found in maps)
    return Projection(clauses=of_clauses, titles=of_titles)


def _loss(
    clauses: torch.Tensor, rows: torch.Tensor, titles: torch.Tensor, maps: Sequence[torch.Tensor]
) -> torch.Tensor:
    others = torch.randint(0, len(titles), (OTHERS,))
    distinct, places = torch.unique(torch.cat([rows, others]), return_inverse=True)
    turned, compared = (
        _turned(v, by) for v, by in zip((clauses, titles[distinct]), maps, strict=True)
    )
    return torch.nn.functional.cross_entropy(turned @ compared.T / TEMPERATURE, places[: len(rows)])


def _turned(vectors: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(vectors + vectors @ by, dim=1)
