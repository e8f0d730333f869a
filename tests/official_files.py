"""A release of three categories in the layout of the official files, for tests of what reads them."""

from pathlib import Path

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular>
  <version>2027</version>
  <introduction><introSection type="title"><title>Made up</title></introSection></introduction>
  <chapter>
    <name>4</name>
    <desc>Made-up metabolic diseases (E10-E16)</desc>
    <excludes1><note>of the newborn (W01.-)</note></excludes1>
    <sectionIndex><sectionRef first="E10" last="E16" id="E10-E16">Sugar</sectionRef></sectionIndex>
    <section id="E10-E16">
      <desc>Sugar (E10-E16)</desc>
      <useAdditionalCode><note>code to identify control (E16.-)</note></useAdditionalCode>
      <diag>
        <name>E10</name>
        <desc>Sweet disease</desc>
        <includes><note>sweetness  NOS</note></includes>
        <excludes1><note>bitter disease (E16.9)</note></excludes1>
        <diag>
          <name>E10.3</name>
          <desc>Sweet eye</desc>
          <codeFirst><note>underlying disease, such as:</note><note>fall (W01)</note></codeFirst>
          <sevenChrNote><note>One of these with E10.3</note></sevenChrNote>
          <sevenChrDef>
            <extension char="1">right eye</extension>
            <extension char="2">left eye</extension>
            <note>\teye to the left</note>
          </sevenChrDef>
        </diag>
        <diag><name>E10.9</name><desc>Sweet disease,
          unspecified</desc></diag>
      </diag>
      <diag><name>E1A</name><desc>Salty disease</desc></diag>
      <diag>
        <name>E16</name><desc>Bitter disease</desc>
        <diag><name>E16.9</name><desc>Bitter disease, unspecified</desc></diag>
      </diag>
    </section>
  </chapter>
  <chapter>
    <name>20</name>
    <desc>Made-up falls (W01)</desc>
    <section id="W01">
      <desc>Falls (W01)</desc>
      <diag>
        <name>W01</name><desc>Fall</desc>
        <sevenChrDef><extension char="A">initial encounter</extension></sevenChrDef>
      </diag>
    </section>
  </chapter>
</ICD10CM.tabular>
"""
CODES = (  # code, billable, title
    ("E10", 0, "Sweet disease"),
    ("E103", 0, "Sweet eye"),
    ("E103XX1", 1, "Sweet eye, right eye"),
    ("E109", 1, "Sweet disease, unspecified"),
    ("E1A", 1, "Salty disease"),
    ("E16", 0, "Bitter disease"),
    ("E169", 1, "Bitter disease, unspecified"),
    ("W01", 0, "Fall"),
    ("W01XXXA", 1, "Fall, initial encounter"),
    ("W01XXXD", 1, "Fall, subsequent encounter"),  # not in the tabular list
)


def order_line(number: int, code: str, billable: int, title: str) -> str:
    """One line of the order file: columns 1-5, 7-13, 15, 17-76 and from 78."""
    return f"{number:05} {code:<7} {billable} {title[:60]:<60} {title}"


def write_release(folder: Path) -> None:
    """The files as they are unpacked: two folders, addenda and the shorter list beside them."""
    descriptions, tables = folder / "Code-desc-2027", folder / "table and index"
    descriptions.mkdir()
    tables.mkdir()
    lines = [order_line(number, *row) for number, row in enumerate(CODES, start=1)]
    (descriptions / "icd10cm-order-2027.txt").write_text("\r\n".join(lines) + "\r\n")
    (descriptions / "icd10cm-order-addenda-2027.txt").write_text("Add: 00005 E1A\n")
    (descriptions / "icd10cm-codes-2027.txt").write_text("E109    Sweet disease, unspecified\n")
    (tables / "icd10cm-tabular-2027.xml").write_text(TABULAR)
