"""What stands in the racks: devices to plug in, taken from the same list everywhere."""

from __future__ import annotations

from pdutui.backends.mock.spec import OutletSpec, PhaseSpec

# Name, watts, power factor; None: nothing is plugged in, and the outlet is off.
_DEVICES: tuple[tuple[str, float | None, float], ...] = (
    ("lb01", 61, 0.95), ("db01", 104, 0.97), ("db02", 117, 0.97), ("web01", 74, 0.96),
    ("web02", 69, 0.96), ("web03", 77, 0.96), ("cache01", 83, 0.96), ("spare", None, 0.96),
    ("hv01", 168, 0.98), ("hv02", 181, 0.98), ("san01", 212, 0.98), ("tor-sw1", 108, 0.94),
    ("build01", 143, 0.97), ("build02", 139, 0.97), ("log01", 88, 0.96), ("kvm01", 0, 0.96),
    ("hv03", 159, 0.98), ("hv04", 172, 0.98), ("gpu01", 460, 0.99), ("mgmt-sw", 27, 0.89),
    ("backup01", 218, 0.97), ("mail01", 91, 0.96), ("proxy01", 58, 0.95), ("spare", None, 0.96),
)  # fmt: skip


def rack(
    count: int, *, banks: int = 1, phases: int = 1, module: int = 1, label: str | None = None
) -> tuple[OutletSpec, ...]:
    """Outlets 1..count with devices in them.

    Args:
        count: how many.
        banks: over how many banks they are spread, the first outlets on the first one; 0: the
            device has no banks.
        phases: over how many phases the banks are spread in turn.
        module: the unit of a chain.
        label: what the device calls an outlet's place, with `{n}` for its number.
    """
    out = []
    for number in range(1, count + 1):
        name, watts, power_factor = _DEVICES[(number - 1 + 5 * (module - 1)) % len(_DEVICES)]
        place = (number - 1) * max(banks, phases) // count
        out.append(
            OutletSpec(
                number=number,
                name=name if module == 1 else f"{name}-{module}",
                bank=min(place, banks - 1) + 1 if banks else None,
                watts=float(watts or 0.0),
                power_factor=power_factor,
                on=watts is not None,
                phase=place % phases + 1,
                module=module,
                label=None if label is None else label.format(n=number),
            )
        )
    return tuple(out)


def three_phases(
    rating_a: float | None,
    warning_a: float | None = None,
    critical_a: float | None = None,
    *,
    module: int = 1,
) -> tuple[PhaseSpec, ...]:
    """L1, L2 and L3 of one inlet."""
    return tuple(PhaseSpec(n, f"L{n}", rating_a, warning_a, critical_a, module) for n in (1, 2, 3))
