"""The official tabular list (icd10cm_tabular_YYYY.xml, CDC/NCHS): codes, titles, chapters and notes.

A chapter holds sections (blocks), a section categories, a category the codes below it. Codes with a
seventh character are not written out: a header says which characters go with the codes below it,
and the release's list of codes which of the combinations exist.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError, parse

from clinical_coding.code_notes import CodeNotes, CodeRange, NoteKind, groups_above
from clinical_coding.errors import SettingsError
from clinical_coding.note import IcdCode
from training.category_order import CategoryOrder
from training.note_references import references

_TAGS = {
    NoteKind.EXCLUDES1: "excludes1",
    NoteKind.EXCLUDES2: "excludes2",
    NoteKind.CODE_FIRST: "codeFirst",
    NoteKind.USE_ADDITIONAL: "useAdditionalCode",
}
_CATEGORIES = "section/diag"
_LONGEST = 7  # characters of a code that has a seventh
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCode:
    """A category or a code below it; ``billable`` where the list has nothing below it (I.B.2)."""

    code: IcdCode
    title: str
    chapter: int
    billable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TabularList:
    """The codes in the order of their letters, and the notes between them."""

    codes: tuple[ListedCode, ...] = field(repr=False)
    notes: CodeNotes = field(repr=False)


def read_tabular(path: Path, codes: Container[str]) -> TabularList:
    """Read the list; of the codes with a seventh character those in ``codes``, which has no dots.

    Raises SettingsError for a file that is none.
    """
    chapters = _chapters(path)
    listed = [
        code
        for chapter in chapters
        for category in chapter.iterfind(_CATEGORIES)
        for code in _listed(category, int(chapter.findtext("name", "")), {}, codes)
    ]
    return TabularList(
        codes=tuple(sorted(listed, key=lambda one: one.code)), notes=_notes(chapters)
    )


def _chapters(path: Path) -> list[Element]:
    try:
        chapters = parse(path).getroot().findall("chapter")  # noqa: S314 - the user's own file
    except ParseError:
        chapters = []
    if not all(chapter.find(_CATEGORIES) is not None for chapter in chapters) or not chapters:
        raise SettingsError(
            f"expected the tabular list of ICD-10-CM in {path}; got no chapters with sections; take "
            "icd10cm_tabular_YYYY.xml as it was published"
        )
    return chapters


def _listed(
    diagnosis: Element, chapter: int, seventh: Mapping[str, str], codes: Container[str]
) -> Iterator[ListedCode]:
    code, title = diagnosis.findtext("name", ""), diagnosis.findtext("desc", "")
    seventh = _seventh_characters(diagnosis) or seventh
    below = diagnosis.findall("diag")
    longer = [] if below else _with_seventh(code, title, chapter, seventh, codes)
    yield _code(code, title, chapter, billable=not (below or longer))
    yield from longer
    for one in below:
        yield from _listed(one, chapter, seventh, codes)


def _code(code: str, title: str, chapter: int, *, billable: bool) -> ListedCode:
    one_line = " ".join(title.split())
    return ListedCode(code=IcdCode(code), title=one_line, chapter=chapter, billable=billable)


def _seventh_characters(diagnosis: Element) -> dict[str, str]:
    """What each seventh character means; a note below one adds another name for it."""
    meanings: dict[str, str] = {}
    character = ""
    for element in diagnosis.iterfind("sevenChrDef/*"):
        if element.tag == "extension":
            character = element.attrib["char"]
            meanings[character] = element.text or ""
        elif character:
            meanings[character] += f"/{element.text or ''}"
    return meanings


def _with_seventh(
    code: str, title: str, chapter: int, seventh: Mapping[str, str], codes: Container[str]
) -> list[ListedCode]:
    """The codes that a seventh character makes of a code, over placeholders (I.A.4, I.A.5)."""
    padded = code.replace(".", "").ljust(_LONGEST - 1, "X")
    return [
        _code(
            f"{padded[:3]}.{padded[3:]}{character}", f"{title}, {meaning}", chapter, billable=True
        )
        for character, meaning in seventh.items()
        if padded + character in codes
    ]


def _notes(chapters: Iterable[Element]) -> CodeNotes:
    owners = tuple(_owners(chapters))
    categories = [one.findtext("name", "") for c in chapters for one in c.iterfind(_CATEGORIES)]
    order = CategoryOrder(categories)
    groups = {
        owner: order.sorted_ranges(CodeRange(owner)) for owner, one in owners if one.tag != "diag"
    }
    return CodeNotes(
        groups=groups,
        above=groups_above(groups, sorted(categories)),
        named={
            kind: _gathered(
                (owner, _resolved(note.text or "", order))
                for owner, element in owners
                for note in element.iterfind(f"{tag}/note")
            )
            for kind, tag in _TAGS.items()
        },
        included=_gathered(
            (owner, (" ".join((note.text or "").split()),))
            for owner, element in owners
            for note in element.iterfind("includes/note")
        ),
    )


def _owners(chapters: Iterable[Element]) -> Iterator[tuple[str, Element]]:
    """Whatever can bear a note, with the name by which it is found: a range of categories, a code."""
    for chapter in chapters:
        categories = [one.findtext("name", "") for one in chapter.iterfind(_CATEGORIES)]
        yield f"{categories[0]}-{categories[-1]}", chapter
        yield from ((section.attrib["id"], section) for section in chapter.iterfind("section"))
        yield from ((one.findtext("name", ""), one) for one in chapter.iter("diag"))


def _resolved(note: str, order: CategoryOrder) -> Iterator[CodeRange]:
    for named in references(note):
        yield from order.sorted_ranges(named)


def _gathered(found: Iterable[tuple[str, Iterable[_T]]]) -> dict[str, tuple[_T, ...]]:
    """What each owner has, each once, in the order in which it came."""
    gathered: dict[str, dict[_T, None]] = {}
    for owner, values in found:
        gathered.setdefault(owner, {}).update(dict.fromkeys(values))
    return {owner: tuple(values) for owner, values in gathered.items()}
