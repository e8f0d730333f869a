"""A bundle's parts held against labelled notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from clinical_coding.claim import Band, DroppedCode, Profile
from clinical_coding.engine import EngineParts, Judged, judge_batch, question_about
from clinical_coding.note import IcdCode, LabelledNote
from clinical_coding.rules.admission import BELOW_REVIEW, admit
from runtime.progress import Progress
from training.baseline import BAR, Baseline, coded_by_baseline
from training.coded_notes import CodedNote
from training.evaluation_report import DataSetReport
from training.figures import Evaluation
from training.metrics import Yardstick, measure
from training.pairs import batches


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledSet:
    """Notes to evaluate on; ``sha256`` is of their file, or of the notes where there is none."""

    name: str
    sha256: str
    notes: Sequence[LabelledNote] = field(repr=False)
    profile: Profile


def evaluate_set(
    labelled: LabelledSet, parts: EngineParts, baseline: Baseline | None, progress: Progress
) -> DataSetReport:
    """Hold the engine, and the baseline if there is one, against one set."""
    by = yardstick(parts, labelled.profile)
    classic = None
    if baseline is not None:
        answers = coded_by_baseline(labelled.notes, baseline, progress)
        classic = measure(answers, labelled.profile, replace(by, review=BAR))
    return DataSetReport(
        name=labelled.name,
        sha256=labelled.sha256,
        found=evaluate(labelled.notes, parts, labelled.profile, progress),
        baseline=classic,
    )


def evaluate(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Evaluation:
    """Code the notes and compare."""
    return measure(coded(notes, parts, profile, progress), profile, yardstick(parts, profile))


def yardstick(parts: EngineParts, profile: Profile) -> Yardstick:
    """What a profile's answers are held against; a claim is not judged by what coded notes taught."""
    learnt = parts.sources.learnt if profile is Profile.MENTIONS else None
    return Yardstick(
        code_set=parts.code_set,
        review=parts.ranking(profile).thresholds.review,
        seen=frozenset(learnt.codes) if learnt else None,
    )


def coded(
    notes: Sequence[LabelledNote], parts: EngineParts, profile: Profile, progress: Progress
) -> Iterator[CodedNote]:
    """Each note with what the engine reports and what it chose from."""
    done = 0
    for batch in batches(notes):
        found = judge_batch([labelled.note for labelled in batch], parts, profile)
        for labelled, judged in zip(batch, found, strict=True):
            yield _coded(labelled, judged, parts)
        done += len(batch)
        progress("coding notes", done, len(notes))


def _coded(labelled: LabelledNote, judged: Judged, parts: EngineParts) -> CodedNote:
    diagnoses = judged.coding.diagnoses
    refused = _refused(labelled, judged, parts)
    ranked = sorted((-probability, one.code) for one, probability in judged.candidates)
    return CodedNote(
        labelled=labelled,
        reported={one.code: one.probability for one in diagnoses},
        submitted=frozenset(one.code for one in diagnoses if one.band is Band.SUBMIT),
        candidates={code: -probability for probability, code in ranked},
        refused=refused,
        dropped={
            one.code: _trace(one)
            for one in judged.coding.dropped
            if one.reason != BELOW_REVIEW.says and one.code not in refused
        },
    )


def _refused(labelled: LabelledNote, judged: Judged, parts: EngineParts) -> dict[IcdCode, str]:
    """Every candidate without words that count: a coding names the likeliest of them only."""
    profile, sources = judged.coding.profile, parts.sources_on(labelled.note.date_of_service)
    question = question_about(labelled.note, sources, parts, profile)
    return {one.code: one.why.trace for one in admit(judged.candidates, question).refused}


def _trace(one: DroppedCode) -> str:
    return one.reason if one.rule is None else f"{one.rule} {one.reason}"
