"""The order of categories in the tabular list, which is not that of their letters and digits.

C7A and C7B stand between C75 and C76, M1A before M10: the block C76-C80 does not hold C7A although it
sorts between the two, and M05-M14 holds M1A although it sorts behind M14.
"""

from collections.abc import Iterator, Sequence

from clinical_coding.code_notes import CodeRange

_CATEGORY = 3  # characters


class CategoryOrder:
    """The categories of a release, in the order of the tabular list."""

    def __init__(self, categories: Sequence[str]) -> None:
        self._listed = tuple(categories)
        self._place = {category: at for at, category in enumerate(categories)}
        self._rank = {category: at for at, category in enumerate(sorted(categories))}

    def sorted_ranges(self, code_range: CodeRange) -> tuple[CodeRange, ...]:
        """The same codes as a range of the tabular list, as ranges of codes that are sorted.

        A range that begins or ends at a category that is not there stays as it is.
        """
        span, mark, pattern = code_range.partition("~")
        first, _, last = span.partition("-")
        start, end = self._place.get(first[:_CATEGORY]), self._place.get(last[:_CATEGORY])
        if start is None or end is None or start == end:
            return (code_range,)
        ends = {first[:_CATEGORY]: first, last[:_CATEGORY]: last}
        return tuple(
            CodeRange(_span(ends.get(low, low), ends.get(high, high)) + mark + pattern)
            for low, high in self._runs(self._listed[start : end + 1])
        )

    def _runs(self, categories: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The first and last of each run of categories that also follow one another when sorted."""
        by_letters = sorted(categories)
        low = high = by_letters[0]
        for category in by_letters[1:]:
            if self._rank[category] != self._rank[high] + 1:
                yield low, high
                low = category
            high = category
        yield low, high


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}-{last}"
