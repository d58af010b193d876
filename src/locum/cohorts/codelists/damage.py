"""What a spreadsheet does to codes, and the check digit that tells.

A spreadsheet keeps 15 digits of a number and drops zeros in front; identifiers of SNOMED CT, of dm+d and of CPRD Aurum
have up to 18. Such a code matches no record, and its patients are lost without a word. The last digit of a SNOMED CT
identifier is a Verhoeff check digit (SNOMED CT Technical Implementation Guide, "Check-digit computation").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

SNOMED_LIKE = ("snomed", "dmd", "medcodeid", "prodcodeid")
"""Systems whose codes are identifiers of SNOMED CT or made like them."""

READ = ("ctv3", "read2")
_KEPT = 15  # digits that a spreadsheet keeps of a number
_POWER = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_DECIMAL = re.compile(r"\d+[.,]0+")


# Verhoeff 1969: how two digits combine (the dihedral group of the pentagon), and how a digit changes with its place.
def _combined(j: int, k: int) -> int:
    if j < 5:
        return (j + k) % 5 if k < 5 else 5 + (j + k) % 5
    return 5 + (j - k) % 5 if k < 5 else (j - k) % 5


_TIMES = [[_combined(j, k) for k in range(10)] for j in range(10)]
_STEP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_PERMUTED = [list(range(10))]
for _ in range(7):
    _PERMUTED.append([_PERMUTED[-1][_STEP[digit]] for digit in range(10)])


def check_digit_holds(code: str) -> bool:
    """Whether CODE, all digits, ends in its Verhoeff check digit."""
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _TIMES[check][_PERMUTED[place % 8][int(digit)]]
    return check == 0


def is_identifier(code: str) -> bool:
    """Whether CODE could be an identifier of SNOMED CT: 6 to 18 digits, the last of them right."""
    return code.isdecimal() and code.isascii() and 6 <= len(code) <= 18 and check_digit_holds(code)


def damaged(codes: Sequence[str], system: str) -> dict[str, list[str]]:
    """Codes that a spreadsheet has altered, by what happened to them; nothing when all are whole."""
    # Zeros at the end tell of rounding only where codes have check digits, which invented ones need not have.
    ends = [code for code in codes if code.isdecimal() and code[_KEPT:].strip("0")]
    checked = not ends or sum(map(check_digit_holds, ends)) * 2 > len(ends)
    found: dict[str, list[str]] = {}
    for code in codes:
        if what := _damage(code, system, checked):
            found.setdefault(what, []).append(code)
    return found


def _damage(code: str, system: str, checked: bool) -> str | None:
    if system in READ:
        return "lost the zeros in front" if code.isdecimal() and len(code) < 5 else None
    if system not in (*SNOMED_LIKE, "concept_id", "drug_concept_id"):
        return None
    if _POWER.fullmatch(code):
        return "turned into a power of ten"
    if _DECIMAL.fullmatch(code):
        return "turned into a decimal number"
    cut = code.isdecimal() and len(code) > _KEPT and not code[_KEPT:].strip("0")
    return f"rounded to {_KEPT} digits" if cut and checked and not check_digit_holds(code) else None
