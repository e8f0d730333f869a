"""How the explanation of one code looks: what led to it, its score, and what each rule did."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape

from clinical_coding.explanation import Explanation, Lead, Score
from clinical_coding.not_proposed import NotProposed
from clinical_coding.rules.trail import Effect, RuleEffect
from clinical_coding.term_table import TermKind

MOST = 6  # features for and against, each
MOST_CODES = 12
_KINDS = {
    TermKind.TITLE: "a code's title",
    TermKind.INCLUSION: "an inclusion term",
    TermKind.INDEX: "a term of the Alphabetic Index",
    TermKind.SYNONYM: "a synonym of the disease",
    TermKind.ABBREVIATION: "an abbreviation",
    TermKind.ACRONYM: "an acronym",
    TermKind.LAY: "a lay term",
}
_AGAINST = {Effect.REFUSED, Effect.UNLIKELY, Effect.DROPPED, Effect.REPLACED}
_OTHERS = {Effect.ADDED: "from", Effect.DROPPED: "the coding has", Effect.REPLACED: "now"}


def show(explanation: Explanation) -> None:
    """Print to stdout, a heading and a few lines for each step that the code went through."""
    console = Console(highlight=False)
    for line in _lines(explanation):
        console.print(line, soft_wrap=True)


def _lines(one: Explanation) -> Iterator[str]:
    yield f"[bold]{one.code}[/] {escape(one.description)}"
    yield escape(_verdict(one))
    bars = f"review from {one.review:.2f}, submit from {one.submit:.2f}"
    yield f"{one.profile} profile, {escape(one.code_set)}, {bars}"
    if one.lost is not None:
        yield from _section("Not a candidate", _lost(one.lost, one.reported_below))
    yield from _section("What led to it", map(_lead, one.leads))
    if one.score is not None:
        yield from _section(_score_heading(one.score), _contributions(one.score))
    yield from _section("What the rules did, in order", map(_rule, one.rules))


def _section(heading: str, lines: Iterator[str]) -> Iterator[str]:
    told = [f"  {escape(line)}" for line in lines]
    if told:
        yield ""
        yield f"[bold]{heading}[/]"
        yield from told


def _verdict(one: Explanation) -> str:
    if one.rank is not None:
        return f"in: number {one.rank}, {one.band}, {one.probability:.2f}"
    against = (effect.says for effect in one.rules if effect.effect in _AGAINST)
    return f"out: {'; '.join(against) or (one.lost.lost_at if one.lost else '')}"


def _lost(lost: NotProposed, reported_below: tuple[str, ...]) -> Iterator[str]:
    yield lost.lost_at
    if lost.leaves:
        yield f"the billable codes below it: {_some(lost.leaves)}"
    if reported_below:
        yield f"of these the coding has: {_some(reported_below)}"
    for other in lost.instead[:MOST_CODES]:
        yield f"{_quoted(other.words)} led to {other.code}"
    if lost.cosine is not None and lost.title_rank is not None:
        yield (
            f"likest clause: cosine {lost.cosine:.2f}; its title is number {lost.title_rank + 1}, "
            f"the first {lost.titles_taken} become candidates"
        )


def _lead(lead: Lead) -> str:
    told = [str(lead.assertion), lead.section.replace("_", " ")]
    if lead.match is not None:
        told += [_KINDS[lead.match], f"may name {lead.readings} codes" * (lead.readings != 1)]
    if lead.cosine is not None and lead.rank is not None:
        told += [f"cosine {lead.cosine:.2f}", f"number {lead.rank + 1} of the likest titles"]
    if lead.against is not None:
        told += [f"no evidence: {lead.against}"]
    return f"{lead.source} {_quoted(lead.words)}: {', '.join(filter(None, told))}"


def _score_heading(score: Score) -> str:
    return (
        f"Score {score.raw:.2f}, calibrated {score.probability:.2f}: log odds {score.base:+.2f} "
        "for any candidate, and"
    )


def _contributions(score: Score) -> Iterator[str]:
    for sign in (1, -1):
        for one in [c for c in score.contributions if c.adds * sign > 0][:MOST]:
            value = "not known" if one.value is None else f"{round(one.value, 2):g}"
            yield f"{one.adds:+.2f}  {one.says}: {value}"


def _rule(effect: RuleEffect) -> str:
    told = [f"{effect.rule.replace('_', ' ')}: {effect.effect}", effect.says]
    if effect.others:
        told.append(f"{_OTHERS[effect.effect]} {_some(effect.others)}")
    return ", ".join(filter(None, told))


def _some(codes: tuple[str, ...]) -> str:
    more = f" and {len(codes) - MOST_CODES} more" if len(codes) > MOST_CODES else ""
    return ", ".join(codes[:MOST_CODES]) + more


def _quoted(words: str) -> str:
    return f'"{" ".join(words.split())}"'
