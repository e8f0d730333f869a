"""The guidelines as code: which of the likely codes are reported, which are not, in which order.

`profiles` lists the rules in the order in which they are applied; docs/rules.md tells what each
does. Roman numerals are sections of the ICD-10-CM Official Guidelines for Coding and Reporting.
"""
