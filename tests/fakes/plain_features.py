"""The features of a pair the plain way, one pair and one value after the other: an oracle."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan

import numpy as np

from clinical_coding.arrays import Features
from clinical_coding.assertion import HELD_AS_OWN
from clinical_coding.candidates import Candidate, Naming, best_naming
from clinical_coding.claim import Assertion
from clinical_coding.code_set import plain_text
from clinical_coding.note import Note, Sex
from clinical_coding.proposing import CandidateSources, Proposal
from clinical_coding.reading import Sentence
from clinical_coding.similar import Similarity
from clinical_coding.term_table import TermKind, TermTable
from clinical_coding.words import FILLERS, content_words

_OWN_KINDS = frozenset({TermKind.ABBREVIATION, TermKind.ACRONYM, TermKind.LAY})
_SECTIONS = (
    frozenset({"assessment", "discharge_diagnosis"}),
    frozenset({"chief_complaint"}),
    frozenset({"hpi", "hospital_course"}),
    frozenset({"pmh", "psh"}),
    frozenset({"plan", "instructions"}),
    frozenset({"exam", "results", "procedures"}),
    frozenset({"ros"}),
    frozenset({"medications", "social_history"}),
    frozenset({""}),
)


def plain_features(proposal: Proposal, sources: CandidateSources) -> Features:
    """A row for each candidate: the features but those of learnt_features, in their order."""
    scene = _scene_of(proposal, sources)
    groups = (
        _mentions,
        _best_mention,
        _scattered,
        _where,
        _likeness,
        _title,
        _code,
        _patient,
        _rivals,
    )
    pairs = [
        _Pair(
            candidate=candidate,
            scene=scene,
            title=scene.title_words(candidate.code),
            best=best_naming(candidate),
        )
        for candidate in proposal.candidates
    ]
    return np.array([[v for group in groups for v in group(pair)] for pair in pairs], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TitleWords:
    """The content words of a title without side and encounter, with how rare each is."""

    weights: dict[str, float]
    total: float
    unspecified: bool
    other: bool
    without: bool

    def share(self, words: frozenset[str]) -> float:
        return sum(self.weights[word] for word in self.weights.keys() & words) / self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """One note as its candidates see it; ``words`` leave out what is denied or another's."""

    note: Note
    characters: int
    words: frozenset[str]
    sentences: tuple[frozenset[str], ...]
    similarity: Similarity
    candidates: int
    named: int
    named_in_category: Counter[str]
    longest_in_category: Counter[str]
    has_assessment: bool
    sources: CandidateSources

    def row(self, code: str) -> int:
        return self.sources.titles.row(code, self.sources.code_set.title(code))

    def chapter(self, code: str) -> int:
        return self.sources.code_set.entry(code).chapter

    def title_words(self, code: str) -> _TitleWords:
        return _title_words(self.sources.terms, self.sources.code_set.title(code))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    candidate: Candidate
    scene: _Scene
    title: _TitleWords
    best: Naming | None


def _mentions(pair: _Pair) -> tuple[float, ...]:
    held = [naming.mention.assertion for naming in pair.candidate.namings]
    return tuple(float(held.count(assertion)) for assertion in Assertion)


def _best_mention(pair: _Pair) -> tuple[float, ...]:
    best = pair.best
    if best is None:
        return (nan,) * 13
    mention = best.mention
    return (
        mention.length,
        mention.weight,
        mention.share,
        best.readings,
        best.leaf.supported,
        best.leaf.unspecified,
        mention.respelt,
        mention.start / pair.scene.characters,
        best.kind is TermKind.TITLE,
        best.kind is TermKind.INCLUSION,
        best.kind is TermKind.INDEX,
        best.kind is TermKind.SYNONYM,
        best.kind in _OWN_KINDS,
    )


def _scattered(pair: _Pair) -> tuple[float, ...]:
    held = [n for n in pair.candidate.scattered if n.mention.assertion in HELD_AS_OWN]
    if not held:
        return (len(pair.candidate.scattered), *(nan,) * 4)
    best = min(held, key=lambda naming: naming.mention.length)
    return (
        len(pair.candidate.scattered),
        len(held),
        best.mention.length,
        best.readings,
        best.mention.section in _SECTIONS[0],
    )


def _where(pair: _Pair) -> tuple[float, ...]:
    sections = [
        naming.mention.section
        for naming in pair.candidate.namings
        if naming.mention.assertion is Assertion.PRESENT
    ]
    return tuple(float(sum(s in group for s in sections)) for group in _SECTIONS)


def _likeness(pair: _Pair) -> tuple[float, ...]:
    similarity, likeness = pair.scene.similarity, pair.candidate.likeness
    if not similarity.clauses:
        return (nan,) * 6
    cosine = similarity.best[pair.scene.row(pair.candidate.code)]
    in_top = (nan,) * 3
    if likeness is not None:
        in_top = (
            likeness.rank,
            likeness.clause.words,
            likeness.clause.section in _SECTIONS[0],
        )
    behind = similarity.best[similarity.top[0]] - cosine
    return (float(cosine), float(behind), likeness is not None, *in_top)


def _title(pair: _Pair) -> tuple[float, ...]:
    said = pair.best.mention.words if pair.best else frozenset()
    return (
        pair.title.share(pair.scene.words),
        max((pair.title.share(words) for words in pair.scene.sentences), default=0.0),
        pair.title.share(said),
        len(pair.title.weights),
        pair.title.total,
        pair.title.unspecified,
        pair.title.other,
        pair.title.without,
    )


def _code(pair: _Pair) -> tuple[float, ...]:
    code = pair.candidate.code
    return (
        pair.scene.chapter(code),
        len(code),
        code[0] == "R",
        code[0] == "Z",
        code[0] in "ST",
        code[0] in "VWXY",
        code[0] == "O",
    )


def _patient(pair: _Pair) -> tuple[float, ...]:
    note = pair.scene.note
    sexes = {Sex.FEMALE: 1.0, Sex.MALE: 0.0}
    return (
        nan if note.age_years is None else note.age_years,
        sexes.get(note.sex, nan),
        note.is_inpatient,
        note.encounter_class == "EMER",
    )


def _rivals(pair: _Pair) -> tuple[float, ...]:
    scene, code = pair.scene, pair.candidate.code
    length = pair.best.mention.length if pair.best else 0
    return (
        len(scene.words),
        len(scene.sentences),
        scene.candidates,
        scene.named,
        scene.named_in_category[code[:3]],
        length - scene.longest_in_category[code[:3]],
        scene.has_assessment,
    )


def _scene_of(proposal: Proposal, sources: CandidateSources) -> _Scene:
    """The scene of a note with its candidates."""
    sentences = tuple(_held_words(sentence) for sentence in proposal.reading)
    named = {
        candidate.code: max(naming.mention.length for naming in candidate.namings)
        for candidate in proposal.candidates
        if any(naming.mention.assertion in HELD_AS_OWN for naming in candidate.namings)
    }
    return _Scene(
        note=proposal.note,
        characters=max(1, len(proposal.note.text)),
        words=frozenset().union(*sentences),
        sentences=tuple(dict.fromkeys(sentences)),
        similarity=proposal.similarity,
        candidates=len(proposal.candidates),
        named=len(named),
        named_in_category=Counter(code[:3] for code in named),
        longest_in_category=_longest(named.items()),
        has_assessment=any(s.section == "assessment" for s in proposal.reading),
        sources=sources,
    )


def _held_words(sentence: Sentence) -> frozenset[str]:
    return frozenset(
        normal
        for place, normal in enumerate(sentence.normals)
        if normal not in FILLERS and sentence.scopes.of_mention(place, place + 1) in HELD_AS_OWN
    )


def _longest(lengths: Iterable[tuple[str, int]]) -> Counter[str]:
    longest: Counter[str] = Counter()
    for code, length in lengths:
        longest[code[:3]] = max(longest[code[:3]], length)
    return longest


def _title_words(terms: TermTable, title: str) -> _TitleWords:
    words = content_words(plain_text(title))
    weights = {word: terms.weight(word) for word in words}
    return _TitleWords(
        weights=weights,
        total=max(sum(weights.values()), 1e-6),
        unspecified="unspecified" in title.lower(),
        other=words[:1] == ("other",),
        without="without" in words,
    )
