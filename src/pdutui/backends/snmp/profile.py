"""A device family as data: the schema of `profiles/*.toml`.

One profile serves both ways. Forwards it says which OIDs to ask and how to read them; backwards it
says which OIDs the simulator serves for a model of the same family, so the two cannot drift apart.

OIDs that begin with a dot are relative to `base`. `{i}` is the row's index (one or more arcs),
`{n}` the row's number within its module, `{m}` its module (both 1 and `{n}` = its number where the
family knows no daisy chains), `{a}` the first arc of the row's index.

What the simulator serves is an int, or a string. A string may hold expressions in braces: a name,
or a sum of names and numbers, as in `{n+phases}`. The names: `n` and `i` (number and index of the
row), `m` (its module), `k` (its place in its table over all modules, from 1), `rows` (rows of the
same table), `modules`, `inlets`, `phases` (1 where there is only one), `banks`, `outlets`,
`metered` (outlets with a meter of their own) - these four counts are of the row's own module in a
table, else of the whole PDU -, `nominal_v` (mains voltage the model is made for, whole volts),
`rating_a`, `v` (the field's own value, in `Column.serve`), `model`, `serial`, `firmware`, `name`.
A string that comes out as digits only is served as INTEGER, anything else as OCTET STRING, unless
a syntax says otherwise. Where two parts of a profile serve the same OID, a field's column goes
before any `serve`, and of two fields the first that has a value.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from pdutui.backends.snmp.trap_rules import TrapRule, Words
from pdutui.backends.snmp.types import RequestLimits, Syntax

Rate = Literal["fast", "slow"]
Parse = Literal["number", "last_arc"]


class ProfileError(ValueError):
    """A profile file that cannot be used; the text names the file, the place and what is right."""


class Valid(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A companion column that says whether a value means anything."""

    oid: str
    is_: tuple[int, ...] = msgspec.field(name="is", default=())
    """The value counts only where the companion has one of these."""
    not_: tuple[int, ...] = msgspec.field(name="not", default=())
    """The value does not count where the companion has one of these."""
    bit: int | None = None
    """The value counts only where this bit (0 = first, SNMP BITS order) is set in an octet string
    that can be BITS of that many names: `octets` of them, or more that are all 0. Such a companion
    is `required` unless that is said to be false."""
    octets: int = 1
    """How many octets the BITS take: 2 for 9 to 16 names."""
    row: bool = False
    """The value counts only where the companion equals the row's number."""
    module: bool = False
    """The value counts only where the companion equals the row's module."""
    required: bool | None = None
    """Without the companion nothing says what the value is: it does not count. None: only with
    `bit`."""
    rate: Rate = "fast"
    """A companion that the device has not never invalidates anything (but see `required` and
    `bit`)."""
    serve: int | None = None
    """What the simulator answers there for a value that is there; for one that is not, the first
    of `not`. None: the first of `is`, the row's number with `row`; with `bit`, one octet that has
    the bits of all values that are there. A companion that is also a field's column (a state) is
    served by that field."""


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition on the whole device, looked at with the slow columns."""

    oid: str
    above: int | None = None
    equals: int | None = None
    missing: bool = False
    """It holds where the device does not answer `oid`: there is no second row."""


class Near(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scale is whichever of `scales` lands within `tolerance` of a reference in full units."""

    scales: tuple[float, ...]
    """The simulator serves with the first."""
    oid: tuple[str, ...]
    """References in order of preference: the first that answers with more than 0 and that some
    scale comes near to counts. Asked slowly."""
    oid_scale: tuple[float, ...]
    """The scale of each reference."""
    tolerance: float = 0.4


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the device says whether a temperature is in Celsius or in Fahrenheit. Asked slowly.

    The field is always Celsius. With any other answer, or none, there is no value.
    """

    oid: str
    celsius: int
    """Served by the simulator."""
    fahrenheit: int


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One place where a field may stand, and how its raw value is read."""

    oid: str
    scale: float = 1.0
    """Field = raw x scale."""
    digits: str | None = None
    """OID of the number of decimal digits; field = raw / 10^digits. Asked slowly."""
    serve_digits: int = 0
    """What the simulator answers there."""
    near: Near | None = None
    """Instead of `scale`."""
    si_prefix: str | None = None
    """OID of an EntitySensorDataScale (yocto 1 ... units 9, kilo 10 ...): the value is multiplied
    by 1000^(prefix - 9). Asked slowly."""
    absolute: bool = False
    """The sign says something else (lead or lag of a power factor): it is dropped."""
    pattern: str | None = None
    """Of a text: the first group of this regular expression; no match: the text says nothing."""
    fahrenheit: bool = False
    """The value is in Fahrenheit once scaled; the field is Celsius."""
    unit: Unit | None = None
    """The value is in whatever unit the device is set to; the field is Celsius."""
    enum: str | None = None
    """Name of a table under [enums]."""
    null: tuple[int, ...] = ()
    """Raw integers that mean: not available."""
    valid: tuple[Valid, ...] = ()
    when: When | None = None
    parse: Parse | None = None
    under: str | None = None
    """With `parse = "last_arc"`: the pointer counts only if it points below this OID."""
    rate: Rate | None = None
    """None: by the field (names, ratings, thresholds, wiring slow; the rest fast)."""
    syntax: Syntax | None = None
    """SNMP type when served; None: string for text, gauge for numbers, integer for enums."""
    serve: str | None = None
    """What the simulator makes of the field's value, `{v}`, where the inverse of the above will not
    do: `{v}A` for a rating in text, an OID for a pointer, `C{n}` for a label."""


class Where(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a companion must say of a row for it to be one. It is walked with the rows."""

    oid: str
    arcs: int | None = None
    """How many of the first arcs of the row's index are the index there: 1 for a column of the
    unit that the row belongs to. None: all. 0: whatever the row, what stands first below `oid`."""
    is_: tuple[int, ...] = msgspec.field(name="is", default=())
    not_: tuple[int, ...] = msgspec.field(name="not", default=())
    bit: int | None = None
    """This bit of an octet string (SNMP BITS order) must be `set`."""
    set: bool = True
    absent: bool = False
    """Whether a row without a companion is one."""
    every: bool = False
    """One row that is none makes the whole table none: its fallback is for the device."""


class Rows(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the rows of a table are found, numbered and, by the simulator, indexed."""

    walk: tuple[str, ...]
    """Columns to walk; the first that has rows counts. What follows the column is the index. Empty:
    there is one row, number 1, whatever the device answers."""
    keep: tuple[int, ...] = ()
    """Only rows with one of these values."""
    drop: tuple[int, ...] = ()
    """Not the rows with one of these values."""
    skip_null: tuple[str, ...] = ()
    """Of `walk`, the columns where a row that answers NULL is no row: nothing is plugged in there.
    Elsewhere it is one, with values that are not known at the moment."""
    number: Literal["arc", "value", "ordinal", "column"] = "arc"
    """The row's number within its module: last arc of its index, its value in the walked column,
    1, 2, 3 ... over the rows of its module, or its value in `number_column`."""
    number_column: str = ""
    """With `number = "column"`: the column that has it, walked as well. A device without that
    column numbers by last arcs; where it has it, a row without a value there is no row."""
    module: str = ""
    """Where the unit of a daisy chain that a row belongs to stands: `arc:0` (first arc of its
    index), `arcs:0,1` (two arcs together name it: tower and infeed, unit and cord, up to eight of
    the second in each of the first), or a column that has it, walked as well. Empty: the family
    knows no chains. A row of module m > 1 has the number 1000 m + n in the Reading; one of the
    first module just n. A device without the column has one module; where it has it, a row without
    a value there is no row."""
    module_first: int = 1
    """How the device numbers the first module."""
    stride: int = 0
    """With `number = "arc"`, for parts of a unit that count their rows from 1 each (cords, feeds):
    the number is last arc + stride x (arc before it - 1)."""
    where: Where | None = None
    """Not the rows of which a companion says otherwise."""
    cut: str = ""
    """Arcs that the index must end with; they are no part of it. For tables that have a row for
    each sensor of a thing: `1` finds the things that have sensor 1."""
    keep_arcs: tuple[int, ...] = ()
    """Only rows with one of these as last arc: row 1 that stands for the total."""
    drop_arcs: tuple[int, ...] = ()
    """Not the rows with one of these as last arc."""
    at_least: int = 1
    """Fewer rows than this in a module (with `stride`: in its part) are none: the phase table of a
    single-phase unit."""
    at_most: int = 0
    """More rows than this in a module make the whole table none: its fallback is for the device.
    0: no limit."""
    index: str = "{n}"
    """The simulator's index of row n: `1.{n}`, `{m}.{n}`, `{n+inlets}`."""
    serve: str = "{n}"
    """What the simulator serves in the walked columns, unless a field stands there."""
    serve_syntax: Syntax | None = None


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repeated part of the Reading: its rows, and each field's columns in order of preference."""

    rows: Rows
    fields: dict[str, tuple[Column, ...]] = {}
    """Field name of the domain struct -> columns. The first one that the device answers counts,
    found once for each row; for `state` fields see `worst_of`."""
    const: dict[str, str] = {}
    """Fields that are the same in every row, e.g. kind = "temperature". A name counts where the
    device has none."""
    worst_of: tuple[str, ...] = ()
    """Fields whose columns are all read: the first column that does not say "normal" counts."""
    serve: dict[str, int | str] = {}
    """Further columns the simulator serves in each row: OID with {i} -> value or expression."""


class Extra(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object of the device that is shown as a sensor, whether it answers or not.

    It is what users add: a probe, a fan, a contact of a MIB that the family knows nothing of.
    """

    name: str
    """As it stands on the screen."""
    oid: str
    """The object with its instance: `1.3.6.1.4.1.9999.1.2.0`."""
    kind: str = "value"
    """temperature, humidity, contact, or any other word."""
    unit: str | None = None
    """degC, percent, V, A, W, Hz, or any other; None for one that has a state only."""
    scale: float = 1.0
    """Value = raw x scale."""
    digits: str | None = None
    """OID of the number of decimal digits, instead of `scale`."""
    null: tuple[int, ...] = ()
    """Raw integers that mean: not available."""
    text: bool = False
    """The value stands in a text: the first number in it is taken."""
    states: dict[str, str] = {}
    """Raw integer (as TOML key) -> word of a sensor's state. The object is a state then, and no
    value: normal, low, warning, critical, open, closed, on, off, alarm, fault."""
    rate: Rate = "fast"


class Lost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a source that is under-voltage counts as lost."""

    below: float = 0.1
    """Below this part of nominal; at 0 V in any case."""
    always_at_0: bool = False
    """At 0 V it is lost whatever its state: that comes of thresholds, which may not be in force."""
    oid: str
    """The nominal voltage. Asked slowly."""
    scale: float = 1.0


class AtsPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The transfer switch: it is there if `exists` answers."""

    exists: str
    fields: dict[str, tuple[Column, ...]] = {}
    sources: dict[str, dict[str, tuple[Column, ...]]] = {}
    """"A" and "B" -> fields of a Source."""
    worst_of: tuple[str, ...] = ("state",)
    lost: Lost | None = None
    serve: dict[str, int | str] = {}
    """Further scalars the simulator serves if the model has a transfer switch."""


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written for an action where the column or the value is not the usual one."""

    value: int | None = None
    """None with `seconds`."""
    oid: str | None = None
    """Instead of the table's `oid`."""
    seconds: bool = False
    """The value is the delay in seconds, as asked for."""
    countdown: tuple[str, ...] = ()
    """Instead of `oid`: of these columns, which have the seconds until a pending command and less
    than 0 without one, the one that is due first. If there is none nothing is written."""


class OutletCommands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The column that switches an outlet, and the integer for each action.

    A wrong integer switches the wrong way: each profile has a test that names OID and integer.
    """

    oid: str
    """With {i} (and {n}). Whether the device answers it decides on `switchable`."""
    branch: int | None = None
    """Only for outlets whose row was found in this column of the outlet rows' `walk`, counted from
    0 and on through the fallbacks: a row number of one branch never addresses an outlet of another.
    None: for every row that no earlier table of commands was for."""
    actions: dict[str, int | Act]
    """`OutletAction` -> integer. What a family cannot do is left out."""
    echo: dict[str, int] = {}
    """What a GET of the column answers by outlet state (for the simulator); empty: `idle`."""
    idle: int | None = None
    """What a GET answers whatever the state is; None: the last value written, or 0."""
    needs_answer: bool = True
    """An outlet is switchable only if the command column answers a GET (unless the field
    `switchable` says it better)."""


class AllCommands(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scalar that switches all outlets of a PDU at once.

    Offered only where the device answers it and has one module: of a chain it would switch a part.
    """

    oid: str
    actions: dict[str, int | Act]
    """on, off, reboot, delayed_on, delayed_off, delayed_reboot, cancel -> integer."""
    idle: int = 0
    """What a GET answers (for the simulator)."""
    branch: int | None = None
    """As for the outlets' commands."""


class PreferCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The scalar that says which source a transfer switch prefers.

    Offered only where the device answers it.
    """

    oid: str
    values: dict[Literal["A", "B", "none"], int]
    transfers: bool = False
    """Writing it transfers the load to that source at once."""


class Recognise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the family is known. sysObjectID only orders the candidates; the probe decides."""

    sys_object_id: tuple[str, ...]
    """Prefixes."""
    any: tuple[str, ...]
    """At least one of these must answer a GET, or have a row (an OID that ends in `.*`), or a row
    with one of these integers (`.*=3,6`)."""
    none: tuple[str, ...] = ()
    """None of these may answer."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device family."""

    format: Literal[1]
    name: str
    title: str
    vendor: str
    base: str
    sys_descr: str = ""
    """The simulator's sysDescr."""
    sys_object_id: str = ""
    """The simulator's sysObjectID."""
    recognise: Recognise
    request: RequestLimits = RequestLimits()
    identity: dict[str, tuple[Column, ...]] = {}
    """Fields of the Reading: model, serial, firmware, name, uptime_s."""
    inlet: Table | None = None
    """Where a PDU has phases and one inlet in their module, power and apparent power of the inlet
    are the sum over them if the inlet has no column for them that the device answers."""
    phase: Table | None = None
    bank: Table | None = None
    outlet: Table | None = None
    """May also have `reboot_off_s`, `on_delay_s`, `off_delay_s` and `reboot_delay_s`
    (seconds, slow; the last where a delayed reboot does not wait as long as a delayed off)."""
    sensor: tuple[Table, ...] = ()
    extra: tuple[Extra, ...] = ()
    """Single objects shown as sensors behind the others; not served by the simulator."""
    ats: AtsPart | None = None
    fallback: dict[Literal["inlet", "phase", "bank", "outlet"], tuple[Table, ...]] = {}
    """`[fallback.bank]` or `[[fallback.bank]]`: the tables to use instead where the main one has no
    rows; the first that has some counts. Not served, except for models without the main one."""
    valid: tuple[Valid, ...] = ()
    """What must hold for any measurement and state to count, but for those of sensors, which have
    their own: a card that has lost contact to its device goes on answering what it knew last."""
    commands: tuple[OutletCommands, ...] = ()
    """`[commands]` for one table of them, `[[commands]]` for several."""
    all_commands: tuple[AllCommands, ...] = ()
    """`[[all_commands]]`; the first that applies counts."""
    prefer: PreferCommand | None = None
    last_resort: bool = False
    """Looked for by `auto` only when no other family fits."""
    enums: dict[str, dict[str, str]] = {}
    """Raw integer (as TOML key) -> word of the domain. An integer that is not listed: unknown."""
    serve: dict[str, int | str] = {}
    """Further scalars the simulator serves: OID -> value or expression."""
    trap_words: dict[str, Words] = {}
    """Words that all of `trap` may use -> where they stand in a trap."""
    trap: tuple[TrapRule, ...] = ()
    """`[[trap]]`: what the family's traps mean."""

    def absolute(self, oid: str) -> str:
        """An OID with `base` put in front of it where it begins with a dot."""
        return self.base + oid if oid.startswith(".") else oid
