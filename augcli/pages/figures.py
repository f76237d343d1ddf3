"""Numbers as people read them."""

from __future__ import annotations

import math

MINUS, THIN = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: object, digits: int = 3) -> str:
    """A number with so many significant digits, thousands parted by a narrow space, with a true minus; what
    is no number as it is written in a recipe: `true`, `none`, lists in brackets, at most six of their items.
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _tidy(f"{value:,}")
    if isinstance(value, float):
        return _float(value, digits)
    if isinstance(value, list | tuple):
        more = ", …" if len(value) > 6 else ""
        return "[" + ", ".join(figure(item, digits) for item in value[:6]) + more + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {figure(item, digits)}" for name, item in value.items()) + "}"
    text = str(value)
    number = _percentage(text)
    return text if number is None else f"{_float(number, digits)}{THIN}%"


def share(value: float) -> str:
    """A share of 1 as a percentage: `0.3 %`, `12 %`; never 0 or 100 for what is not wholly so."""
    percent = 100.0 * value
    if 0.0 < percent < 0.1:
        return f"< 0.1{THIN}%"
    if 99.9 < percent < 100.0:
        return f"> 99.9{THIN}%"
    whole = percent in (0.0, 100.0) or 9.95 <= percent < 99.5
    return f"{percent:.0f}{THIN}%" if whole else f"{percent:.1f}{THIN}%"


def _float(value: float, digits: int) -> str:
    if not math.isfinite(value):
        return str(value)
    power = math.floor(math.log10(abs(value))) if value else 0
    if not -5 < power < 12:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        return f"{_tidy(mantissa)} × 10{str(int(exponent)).translate(_RAISED)}"
    return _tidy(f"{value:,.{max(0, digits - 1 - power)}f}")


def _tidy(text: str) -> str:
    """Without the zeros that say nothing; with the signs of typesetters."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace(",", THIN).replace("-", MINUS)


def _percentage(text: str) -> float | None:
    """The number of a drawn length such as `-0.0164%`; None for other texts."""
    try:
        return float(text[:-1]) if text.endswith("%") else None
    except ValueError:
        return None
