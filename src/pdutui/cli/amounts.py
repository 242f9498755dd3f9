"""Sizes, spans, counts and how far something is, for people."""

from __future__ import annotations

_BAR = 20


def size_text(count: float) -> str:
    """Bytes as `812 B`, `3.4 kB`, `128 MB`, `11.8 GB`; decimal, three figures."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            digits = 0 if unit == "B" or count >= 99.95 else 1
            return f"{count:.{digits}f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def span_text(seconds: float) -> str:
    """A span of time in its two largest units: `3 s`, `2 min 5 s`, `4 h`, `59 d 23 h`."""
    whole = max(0, round(seconds))
    if whole == 0 and seconds > 0:
        return f"{seconds:.1f} s"
    parts = []
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, whole = divmod(whole, length)
        if count:
            parts.append(f"{count} {unit}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 PDU`, `12 PDUs`, `1,234,567 readings`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def bar(done: float, total: float) -> str:
    """`[########------------]  40 %`."""
    part = 1.0 if total <= 0 else min(1.0, max(0.0, done / total))
    full = int(part * _BAR)
    return f"[{'#' * full}{'-' * (_BAR - full)}] {int(part * 100):3d} %"
