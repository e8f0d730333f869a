"""One author at work on one story."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from producers.synthetic.conditions import Condition, Wordings
from producers.synthetic.story import Story
from producers.synthetic.writing import Author

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pen:
    """What a section is written from. Each name and phrase is drawn anew, as people write."""

    random: Random
    story: Story
    author: Author
    wordings: Wordings

    def name(self, condition: Condition) -> str:
        """One of the condition's names, in this author's short forms."""
        return self.author.shorten(self.random.choice(condition.names_for(self.wordings)))

    def one_of(self, *choices: str) -> str:
        """One of them."""
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        """True in this share of the cases, 0..1."""
        return self.random.random() < share

    def some(self, choices: Sequence[T], least: int, most: int) -> list[T]:
        """Between ``least`` and ``most`` of them, in any order; all where there are fewer."""
        most = min(most, len(choices))
        return self.random.sample(choices, self.random.randint(min(least, most), most))

    def prose(self, text: str) -> str:
        """Free text as this author types it."""
        return self.author.prose(self.random, text)

    def section(self, name: str, body: str) -> str:
        """A section under its header."""
        return self.author.section(name, body)
