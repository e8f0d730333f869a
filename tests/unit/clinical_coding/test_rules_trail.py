"""What is told of the rules' work on one code."""

from collections.abc import Iterator

from clinical_coding.note import IcdCode
from clinical_coding.rules.draft import Add, Change, Draft, Drop, Guideline, apply
from clinical_coding.rules.sequencing import sequenced
from clinical_coding.rules.trail import Effect, RuleEffect, Step, trail
from tests.drafts import code, draft, refused, span

WHY = Guideline(section="I.B.9", says="said by a test")


def _after(before: Draft, *changes: Change) -> tuple[Step, Step]:
    def rule(_: Draft) -> Iterator[Change]:
        yield from changes

    return Step(rule="admission", draft=before), Step(rule="some_rule", draft=apply(rule, before))


def _last(name: str, steps: tuple[Step, ...]) -> RuleEffect:
    return trail(name, (*steps, Step(rule="idle", draft=steps[-1].draft)))[-1]


def test_a_dropped_code_is_told_with_the_guideline_and_the_codes_that_have_its_words() -> None:
    before = draft(code("E11.9", 0.9, span(0, 4)), code("I10", 0.8, span(9, 12)))

    effect = _last("I10", _after(before, Drop(code=IcdCode("I10"), why=WHY)))

    assert (effect.rule, effect.effect) == ("some_rule", Effect.DROPPED)
    assert (effect.says, effect.others) == ("I.B.9 said by a test", ())


def test_a_code_whose_words_a_new_code_takes_is_replaced_by_it() -> None:
    before = draft(code("I10", 0.9, span(0, 3)), code("J00", 0.8, span(9, 12)))
    new = code("I11.9", 0.9, span(0, 3)).because(WHY)

    steps = _after(before, Add(standing=new), Drop(code=IcdCode("I10"), why=WHY))

    assert _last("I10", steps).effect is Effect.REPLACED
    assert _last("I10", steps).others == ("I11.9",)
    assert _last("I11.9", steps).effect is Effect.ADDED
    assert _last("I11.9", steps).others == ("I10",)


def test_a_refused_code_is_told_what_its_words_became() -> None:
    before = draft(refusals=(refused("C50.919", WHY, span(5, 9)),))

    steps = _after(before, Add(standing=code("Z80.3", 0.6, span(5, 9)).because(WHY)))

    effects = [effect.effect for effect in trail("C50.919", (*steps, steps[-1]))]
    assert effects == [Effect.REFUSED, Effect.REPLACED]


def test_a_rule_that_lets_a_code_stand_says_why() -> None:
    before = draft(code("N18.31", 0.9))

    effect = _last("N18.31", _after(before, Add(standing=before.standing[0].because(WHY))))

    assert (effect.effect, effect.says) == (Effect.KEPT, WHY.trace)


def test_a_place_in_the_claim_is_told_where_it_is_not_that_of_the_probability() -> None:
    before = draft(code("W11.XXXA", 0.9), code("S52.501A", 0.8))
    steps = (Step(rule="admission", draft=before), Step(rule="sequenced", draft=sequenced(before)))

    effect = trail("W11.XXXA", steps)[-1]

    assert effect.effect is Effect.ORDERED
    assert effect.says == "place 2 of 2, 1 by probability"


def test_a_code_that_no_step_meets_has_no_trail() -> None:
    before = draft(code("I10"))

    assert trail("J18.9", _after(before, Drop(code=IcdCode("I10"), why=WHY))) == ()
