"""How coders and the engine agree: what became of the engine's codes, by band."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clinical_coding.claim import Band
from schemas.claim_reviewed import ReviewAction
from ui.worklist import Reviewed

KEPT = (ReviewAction.ACCEPT, ReviewAction.CHANGE_ORDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What coders did with the engine's codes of each band, and how many codes they added."""

    decided: Mapping[Band, Counter[ReviewAction]] = field(repr=False)
    added: int

    def judged(self, *bands: Band) -> int:
        """The engine's codes of these bands that coders decided on."""
        return sum(self.decided[band].total() for band in bands or Band)

    def accepted(self, *bands: Band) -> float | None:
        """The share of them that stays on the claim, at whatever place; None where none was judged."""
        judged = self.judged(*bands)
        kept = sum(self.decided[band][action] for band in bands or Band for action in KEPT)
        return kept / judged if judged else None


def agreement(reviewed: Iterable[Reviewed]) -> Agreement:
    """Over the reviews that stand."""
    decided: dict[Band, Counter[ReviewAction]] = {band: Counter() for band in Band}
    added = 0
    for one in reviewed:
        bands = {diagnosis.code: diagnosis.band for diagnosis in one.claim.diagnoses}
        for decision in one.review.decisions:
            band = bands.get(decision.code)
            if band is None:
                added += decision.action is ReviewAction.ADD
            else:
                decided[band][decision.action] += 1
    return Agreement(decided=decided, added=added)
