"""What switches will do, made by hand in the words of the engine: for pictures that stand still."""

from __future__ import annotations

from pdutui.domain.impact import (
    DeviceImpact,
    Impact,
    ImpactLine,
    Level,
    LoadImpact,
    OutletImpact,
    worst,
)


def load(
    name: str,
    before_a: float | None,
    after_a: float | None,
    *,
    rating_a: float = 16.0,
    pdu: str = "ats-1",
    kind: str = "bank",
    level: Level = "clear",
    shifted: bool = False,
) -> LoadImpact:
    def share(amperes: float | None) -> float | None:
        return None if amperes is None else 100.0 * amperes / rating_a

    after = f"{after_a:.1f} A" if after_a is not None else "? A"
    return LoadImpact(
        pdu=pdu, kind=kind, number=1, name=f"{name} of {pdu}", rating_a=rating_a,  # type: ignore[arg-type]
        limit_a=rating_a * 0.8, before_a=before_a, after_a=after_a,
        before_percent=share(before_a), after_percent=share(after_a), level=level, shifted=shifted,
        text=f"{name} of {pdu}: {before_a} A to {after} of {rating_a:.0f} A",
    )  # fmt: skip


def impact(*lines: tuple[Level, str], loads: tuple[LoadImpact, ...] = (), **more: object) -> Impact:
    said = [ImpactLine(level=level, text=text) for level, text in lines]
    said += [ImpactLine(level=one.level, text=one.text) for one in loads]
    return Impact(
        level=worst(*(line.level for line in said)), lines=tuple(said), loads=loads,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


OFF = OutletImpact(
    pdu="ats-1", outlet=3, label="outlet 3 db01", action="off", power_w=104.0, current_a=0.86,
    basis="now", device="db01",
)  # fmt: skip
CLEAR = impact(
    ("clear", "db01 keeps running on cord B (rack1-a outlet 3)"),
    ("clear", "Outlet 3 db01 drops 104 W, 0.86 A"),
    loads=(
        load("Bank 1", 1.80, 0.94),
        load("Inlet I1", 3.10, 2.24, rating_a=20.0, kind="inlet"),
        load("Bank C1", 3.66, 4.52, pdu="rack1-a", shifted=True),
    ),
    outlets=(OFF,),
    devices=(DeviceImpact(device="db01", fate="keeps_feed"),),
)
DANGER = impact(
    ("danger", "db01 LOSES ITS LAST FEED: cord B (rack1-a outlet 3) is on, but draws 0 W"),
    ("clear", "Outlet 3 db01 drops 104 W, 0.86 A"),
    loads=(
        load("Bank 1", 1.80, 0.94),
        load("Inlet I1", 3.10, 2.24, rating_a=20.0, kind="inlet"),
    ),
    outlets=(OFF,),
)
CAUTION = impact(
    ("caution", "db01 keeps running on cord B (rack1-a outlet 3), whose supply carries all of it"),
    loads=(
        load("Bank 1", 12.1, 11.2),
        load("Bank C1", 12.4, 13.3, pdu="rack1-a", shifted=True, level="caution"),
    ),
    outlets=(OFF,),
)
UNMAPPED = impact(
    ("unknown", "What outlet 8 feeds is not known"),
    ("unknown", "What outlet 8 will add is not known"),
    loads=(load("Bank 2", 13.1, None, level="unknown"),),
    outlets=(OutletImpact(pdu="ats-1", outlet=8, label="outlet 8 spare", action="on"),),
)
BACKUP_ON = OutletImpact(
    pdu="ats-1", outlet=6, label="outlet 6 backup", action="on", power_w=88.0, current_a=0.73,
    peak_a=1.1, basis="last_known", age_s=11_000.0, device="backup",
)  # fmt: skip
MANY = impact(
    *(("danger", f"db{n:02d} LOSES ITS LAST FEED: cord B (rack1-a outlet {n}) is off")
      for n in range(1, 4)),
    ("caution", "gpu01 and tor-sw1 have one cord in the map and go dark"),
    ("unknown", "kvm01 draws nothing on any cord: whether it runs is not known"),
    ("clear", "lb01, lb02, web01 and 14 more keep running on their other cords"),
    loads=(
        load("Bank 1", 11.8, 0.0),
        load("Bank 2", 13.1, 0.0),
        load("Inlet I1", 15.2, 0.0, rating_a=20.0, kind="inlet"),
        load("Bank C1", 3.7, 7.3, pdu="rack1-a", shifted=True),
    ),
    outlets=(OFF, OFF),
)  # fmt: skip
PREFER = impact(
    ("clear", "Source B of ats-1 is normal (121.4 V, 60.0 Hz)"),
    ("clear", "Source A stays to fall back on"),
)
PREFER_LOST = impact(
    ("danger", "Source B of ats-1 is LOST (0.0 V): the load may be lost"),
    ("caution", "ats-1 says that its redundancy is lost"),
)
