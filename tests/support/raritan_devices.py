"""Hand-made Raritan devices: three phases, two feeds, linked units."""

from __future__ import annotations

from pdutui.backends.snmp.types import RawValue
from tests.support.snmp_devices import PX, PX_DIGITS, Values, px3, under

_Part = dict[str, RawValue | None]


def sensor(config: str, measured: str, index: str, kind: int, state: int, raw: int) -> _Part:
    """One sensor of a table: its digits, its state, its value."""
    return {
        f"{config}.1.7.{index}.{kind}": PX_DIGITS[kind],
        f"{measured}.1.3.{index}.{kind}": state,
        f"{measured}.1.4.{index}.{kind}": raw,
    }


def poles(pdu: int = 1, inlet: int = 1, *, lines: int = 3, neutral: bool = True) -> Values:
    """The poles of an inlet: 1.001 A, 230 V, 231 W on L1 and so on; the neutral has amperes."""
    values: _Part = {}
    for line in range(1, lines + 1):
        index = f"{pdu}.{inlet}.{line}"
        values |= {
            f".3.3.5.1.1.{index}": line,
            f".3.3.6.1.23.{index}.1": 32000,
            f".3.3.6.1.24.{index}.1": 26000,
            f".3.3.6.1.25.{index}.1": b"\x30",
        }
        for kind, raw in {
            1: 1000 * line + 1,
            4: 229 + line,
            5: 230 + line,
            6: 240 + line,
            7: 96,
            8: 1000 * line,
        }.items():
            values |= sensor(".3.3.6", ".5.2.4", index, kind, 4, raw)
    if neutral:
        index = f"{pdu}.{inlet}.{lines + 1}"
        values |= {f".3.3.5.1.1.{index}": 4}
        values |= sensor(".3.3.6", ".5.2.4", index, 1, 4, 77)
    return under(PX, values)


def linked(outlets: int = 4) -> Values:
    """Two linked PX3: everything of unit 1 stands once more under unit 2, with other figures."""
    values = px3(outlets)
    more: Values = {}
    for oid, value in px3(outlets).items():
        rest = oid.removeprefix(PX)
        for table in (".3.3.3.1", ".3.3.4.1", ".3.4.3.1", ".3.4.4.1", ".3.5.3.1", ".3.5.4.1",
                      ".3.6.3.1", ".4.1.2.1", ".5.2.3.1", ".5.3.3.1", ".5.4.3.1", ".5.5.3.1",
                      ".3.2.1.1", ".3.2.2.1", ".3.2.3.1"):  # fmt: skip
            if rest.startswith(f"{table}."):
                arcs = rest.removeprefix(f"{table}.").split(".")
                arcs[1] = "2"
                if isinstance(value, str):
                    value = value.replace(f"{PX}.3.4.3.1.2.1.", f"{PX}.3.4.3.1.2.2.")
                more[f"{PX}{table}.{'.'.join(arcs)}"] = value
    more |= under(PX, {".5.2.3.1.4.2.1.1": 2500, ".4.1.2.1.3.2.3": 8, ".3.5.3.1.3.2.1": b"web07"})
    return values | more


def px3ts(active: int = 1, volts: tuple[int, int] = (230, 229)) -> Values:
    """A PX3TS: two inlets, one transfer switch, feeds in phase."""
    values = px3()
    for kind, raw in {1: 0, 4: volts[1], 5: 0, 6: 0, 7: 0, 8: 5, 23: 500}.items():
        values |= under(PX, sensor(".3.3.4", ".5.2.3", "1.2", kind, 4, raw))
    values |= under(
        PX,
        {
            ".3.3.3.1.2.1.2": b"I2",
            ".3.3.3.1.7.1.2": b"32A",
            ".3.3.3.1.3.1.1": b"Utility",
            ".3.3.3.1.3.1.2": b"",
            ".3.9.3.1.2.1.1": b"TS1",
            ".3.9.3.1.4.1.1": 1,
            ".4.3.1.1.1.1.1": active,
            ".4.3.1.1.2.1.1": 0,
            ".4.3.1.1.3.1.1": 2,
            ".5.2.3.1.4.1.1.4": volts[0],
            ".5.7.3.1.3.1.1.33": 12,
            ".5.7.3.1.3.1.1.34": 12,
            ".5.7.3.1.3.1.1.39": 20,
            ".5.7.3.1.3.1.1.40": 4,
            ".5.7.3.1.3.1.1.48": 12,
        },
    )
    return values
