"""What stands on the audit screen as pure functions: places, top line, list, one record whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from textual.strip import Strip

from pdutui.domain.audit import ChainReport, StoredAudit
from pdutui.domain.audit_words import subject
from pdutui.domain.commands import WHOLE_PDU, AuditRecord
from pdutui.domain.naming import outlet_label
from pdutui.engine.events import Logged
from pdutui.keys.keymap import DEFAULT, Keymap
from pdutui.screens.audit_desk import Wanted
from pdutui.screens.dialog import Row
from pdutui.widgets.alarm_counts import NOTHING, Standing, badge
from pdutui.widgets.bar import Item, bar
from pdutui.widgets.frame import arrows, frame
from pdutui.widgets.glyphs import GlyphSet
from pdutui.widgets.inks import Inks
from pdutui.widgets.layout import Rect
from pdutui.widgets.line import Line, blank
from pdutui.widgets.rights import Rights, badges
from pdutui.widgets.scene import Notice
from pdutui.widgets.text import clean, cut, lead, pad, wrap

BESIDE_FROM = 120
"""From here on the chosen record stands beside the list, else below it."""
_SEVERITY = {"info": "text", "warning": "warning", "critical": "critical"}
_SIGNS: dict[str, tuple[str, str, str]] = {
    "requested": ("dot", "requested", "muted"),
    "observed": ("done", "observed", "on"),
    "accepted": ("done", "accepted", "on"),
    "done": ("done", "done", "on"),
    "skipped": ("dash", "skipped", "muted"),
    "refused": ("fixed", "REFUSED", "warning"),
    "failed": ("fixed", "FAILED", "critical"),
    "unconfirmed": ("alert", "UNCONFIRMED", "warning"),
    "contradicted": ("alert", "CONTRADICTED", "critical"),
    "stopped": ("alert", "STOPPED", "warning"),
    "aborted": ("fixed", "aborted", "warning"),
    "unreadable": ("unknown", "UNREADABLE", "critical"),
}
"""Which glyph, which word, which ink."""
_SIGN_CELLS = 2 + max(len(word) for _, word, _ in _SIGNS.values())
_LABEL = 10


class Sign(Struct, frozen=True):
    """An outcome as it is drawn: never by colour alone."""

    glyph: str
    word: str
    ink: str


def sign_of(outcome: str, glyphs: GlyphSet) -> Sign:
    """How an outcome is drawn; one that is not known here by its own word."""
    glyph, word, ink = _SIGNS.get(outcome, ("dot", outcome, "text"))
    return Sign(getattr(glyphs, glyph), word, ink)


class AuditScene(Struct, frozen=True, kw_only=True):
    """All that the panels of the audit screen may look at."""

    rows: Sequence[StoredAudit]
    chosen: int
    """Which of them."""
    now: datetime
    """In the zone of the screen."""
    inks: Inks
    glyphs: GlyphSet
    wanted: Wanted
    loaded: bool = True
    """The rows are what is wanted, and not what was wanted before."""
    complete: bool = False
    """There are no older ones."""
    trouble: str = ""
    """Why the audit cannot be read."""
    report: ChainReport | None = None
    checked: datetime | None = None
    checking: bool = False
    refuted: str = ""
    """What should be there, and is not."""
    rights: Rights = Rights()
    """What whoever sits here may not do."""
    keymap: Keymap = DEFAULT
    """The keys as the user has them."""
    alarms: Standing = NOTHING
    """What stands of the alarms."""
    notice: Notice | None = None
    log: Logged | None = None

    def clean(self, text: str) -> str:
        """Text from outside, fit for the screen."""
        return clean(text, self.glyphs.ascii_only)

    @property
    def row(self) -> StoredAudit | None:
        """The chosen record."""
        return self.rows[self.chosen] if self.rows else None

    @property
    def faulty(self) -> frozenset[int]:
        """Numbers of records with which something is wrong."""
        return frozenset(f.n for f in self.report.faults) if self.report else frozenset()


def places(width: int, height: int) -> dict[str, Rect]:
    """Where the panels are: bar, list, record, said, hints."""
    out, room = frame(width, height)
    if room < 1:
        return out
    if width >= BESIDE_FROM:
        # Names are whole in the list first, and ids in the record.
        side = min(76, max(45, min(width * 2 // 5, width - 80)))
        out["list"] = Rect(0, 1, width - side - 1, room)
        out["record"] = Rect(width - side, 1, side, room)
    elif room >= 13:
        below = min(14, room // 2)
        out["list"] = Rect(0, 1, width, room - below)
        out["record"] = Rect(0, 1 + room - below, width, below)
    else:
        out["list"] = Rect(0, 1, width, room)
    return out


def top_line(scene: AuditScene, width: int) -> Strip:
    """What is shown, and whether the chain holds."""
    glyphs = scene.glyphs
    left = [Item(100, [(" Audit ", "badge-text")]), Item(90, [chain_words(scene)])]
    left += badge(scene.alarms, glyphs, width)
    left += badges(scene.rights)
    if scene.wanted.pdu is not None:
        pdu = cut(scene.clean(scene.wanted.pdu), 24, glyphs.ellipsis)
        left.append(Item(80, [("only ", "muted"), (pdu, "strong")]))
    if scene.wanted.text.strip():
        text = cut(scene.clean(scene.wanted.text), 24, glyphs.ellipsis)
        left.append(Item(85, [("with ", "muted"), (text, "strong")]))
    right: list[Item] = []
    if scene.trouble:
        right.append(Item(95, [(f" {glyphs.alert} CANNOT BE READ ", "badge-critical")]))
    right.append(Item(45, [(f"{scene.now:%H:%M:%S}", "text")]))
    return bar(scene.inks, left, right, width)


def chain_words(scene: AuditScene) -> tuple[str, str]:
    """What is known of the chain, and in which ink."""
    glyphs, report = scene.glyphs, scene.report
    if scene.checking:
        return ("checking the chain", "warning")
    if report is not None and not report.ok:
        count = "1 FAULT" if len(report.faults) == 1 else f"{len(report.faults)} FAULTS"
        return (f" {glyphs.alert} CHAIN BROKEN: {count} ", "badge-critical")
    if scene.refuted:
        return (f" {glyphs.alert} RECORDS MISSING ", "badge-critical")
    if report is not None and scene.checked is not None:
        return (
            f"{glyphs.done} chain holds, {report.records} at {scene.checked:%H:%M:%S}", "on"
        )  # fmt: skip
    return ("chain not checked", "muted")


# the list


def record_list(scene: AuditScene, width: int, height: int) -> list[tuple[Strip, int | None]]:
    """The records, one a row, with their places; the chosen one is always among them."""
    room, count = height - 1, len(scene.rows)
    first = max(0, min(scene.chosen - room // 2, count - room))
    shown = list(enumerate(scene.rows))[first : first + max(0, room)]
    out: list[tuple[Strip, int | None]] = [(_list_head(scene, width, first, len(shown)), None)]
    if not scene.rows or not scene.loaded:
        words, ink = _instead(scene)
        line = Line(scene.inks, width).add(f"  {cut(words, width - 3, scene.glyphs.ellipsis)}", ink)
        return [*out, (line.strip(), None)][:height]
    day = any(row.record.time.astimezone(scene.now.tzinfo).date() != scene.now.date()
              for _, row in shown)  # fmt: skip
    return [*out, *((_listed(scene, at, row, width, day=day), at) for at, row in shown)][:height]


def _list_head(scene: AuditScene, width: int, first: int, shown: int) -> Strip:
    glyphs, count = scene.glyphs, len(scene.rows)
    line = Line(scene.inks, width).add(glyphs.rule, "rule").add(" Records, newest first ", "title")
    more = "" if scene.complete else "+"
    signs = arrows(glyphs, above=first > 0, below=first + shown < count or not scene.complete)
    place = f" {scene.chosen + 1} of {count}{more}{signs} " if count and scene.loaded else ""
    tail: Row = [(place, "muted"), (glyphs.rule, "rule")] if place else []
    return line.right(tail if line.used + len(place) < width else [], glyphs.rule, "rule").strip()


def _instead(scene: AuditScene) -> tuple[str, str]:
    if scene.trouble:
        return scene.clean(scene.trouble[:1].upper() + scene.trouble[1:]), "warning"
    if not scene.loaded:
        return "Reading the audit", "muted"
    if scene.wanted != Wanted():
        return f"No record fits: {scene.keymap.said('back')} shows all", "muted"
    return "Nothing has been switched from here yet", "muted"


def _listed(scene: AuditScene, at: int, row: StoredAudit, width: int, *, day: bool) -> Strip:
    here, record, glyphs = at == scene.chosen, row.record, scene.glyphs
    line = Line(scene.inks, width, "cursor" if here else "base")
    sign = sign_of(record.outcome, glyphs)
    line.add(glyphs.cursor if here else " ", "key")
    line.add(glyphs.alert if row.n in scene.faulty and row.n else " ", "critical")
    if width >= 60:
        line.add(lead(str(row.n or glyphs.dash), 5), "muted").add(" ")
    line.add(_when(scene, record, day=day), "strong" if here else "muted").add(" ")
    word = cut(scene.clean(f"{sign.glyph} {sign.word}"), _SIGN_CELLS, glyphs.ellipsis)
    line.add(pad(word, _SIGN_CELLS), sign.ink).add(" ")
    muted = record.outcome == "requested"
    user = cut(_person(scene.clean(record.user)), 14 if width >= 72 else 9, glyphs.ellipsis)
    what = _what(scene, record)
    room = line.room - len(user) - 2
    text = cut(what, max(12, room), glyphs.ellipsis)
    line.add(text, "muted" if muted else "text")
    return line.right([(f" {user} ", "muted")] if line.room >= len(user) + 2 else []).strip()


def _person(user: str) -> str:
    """`alice as root` of `root (sudo by alice)`: whoever it is comes first."""
    name, behind, rest = user.partition(" (sudo by ")
    return f"{rest.rstrip(')')} as {name}" if behind else user


def _when(scene: AuditScene, record: AuditRecord, *, day: bool) -> str:
    time = record.time.astimezone(scene.now.tzinfo)
    if not day:
        return f"{time:%H:%M:%S}"
    if time.year != scene.now.year:
        return f"{time:%Y-%m-%d}".ljust(12)
    return (
        f"{time:%d %b %H:%M}" if time.date() != scene.now.date() else f"{time:%H:%M:%S}".ljust(12)
    )


def _what(scene: AuditScene, record: AuditRecord) -> str:
    """`off rack1-a outlet 3 db01`: short, what differs first."""
    if record.action == "plan":
        return scene.clean(f"plan {record.plan or ''} {record.detail}")
    action = record.action.removeprefix("all_").replace("_", " ")
    if record.action.startswith("prefer_"):
        action = f"prefer source {record.action[7:].upper()}"
    whom = "all outlets" if record.pdu and record.action.startswith("all_") else ""
    if record.outlet != WHOLE_PDU:
        whom = outlet_label(record.outlet, record.outlet_name)
    elif not record.pdu:
        whom = record.outlet_name
    return scene.clean(" ".join(part for part in (action, record.pdu, whom) if part))


# one record


def record_lines(scene: AuditScene, width: int, height: int) -> list[Strip]:
    """The chosen record with everything that it says."""
    row, glyphs = scene.row, scene.glyphs
    if row is None or height < 1 or not scene.loaded:
        return []
    name = f"Record {row.n}" if row.n else "Waits to be written"
    line = Line(scene.inks, width).add(glyphs.rule, "rule").add(f" {name} ", "title")
    out = [line.right([], glyphs.rule, "rule").strip()]
    for text in _faults_of(scene, row):
        out += [_plain(scene, part, "critical", width) for part in _wrapped(scene, text, width)]
    record = row.record
    sign = sign_of(record.outcome, glyphs)
    head = Line(scene.inks, width).add(f" {sign.glyph} {scene.clean(sign.word)}  ", sign.ink)
    what = scene.clean(subject(record) + (f" on {record.pdu}" if record.pdu else ""))
    out.append(head.add(cut(what, head.room, glyphs.ellipsis), "strong").strip())
    for label, text in _facts(scene, row):
        room = max(8, width - _LABEL - 2)
        for place, part in enumerate(wrap(scene.clean(text), room)):
            line = (
                Line(scene.inks, width).add(" ").add(pad("" if place else label, _LABEL), "muted")
            )
            out.append(line.add(part, "text").strip())
    return out[:height]


def _faults_of(scene: AuditScene, row: StoredAudit) -> list[str]:
    if scene.report is None or not row.n:
        return []
    return [f"{scene.glyphs.alert} {f.what}" for f in scene.report.faults if f.n == row.n]


def _facts(scene: AuditScene, row: StoredAudit) -> list[tuple[str, str]]:
    """What a record says, in the order of what matters: those that fit are shown."""
    r, glyphs = row.record, scene.glyphs
    local = r.time.astimezone(scene.now.tzinfo)
    state = r.state_from + (f" {glyphs.arrow} {r.state_to}" if r.state_to else "")
    who = f"{r.user} ({r.role})" if r.role else r.user
    who += f", {r.origin}" * bool(r.origin) + (f" from {r.ssh_origin}" if r.ssh_origin else "")
    under = [f"plan {r.plan}"] if r.plan else []
    under += [f"ticket {r.ticket}"] if r.ticket else []
    under += [f"approved by {r.approved_by}"] if r.approved_by else []
    found = (
        ("when", f"{local:%Y-%m-%d %H:%M:%S.%f}"[:-3] + f" {local.tzname() or ''}"),
        ("who", who),
        ("detail", r.detail),
        ("state", state),
        ("under", ", ".join(under)),
        ("reason", r.reason),
        ("hash", f"{row.hash[:16]} after {row.before[:16]}" if row.hash else None),
        ("attempt", r.intent_id),
    )
    return [(label, text) for label, text in found if text]


def _wrapped(scene: AuditScene, text: str, width: int) -> list[str]:
    return wrap(scene.clean(text), max(8, width - 2))


def _plain(scene: AuditScene, text: str, ink: str, width: int) -> Strip:
    return Line(scene.inks, width).add(" ").add(text, ink).strip()


# below


def said_line(scene: AuditScene, width: int) -> Strip:
    """What the console has to say, else what is wrong, else the newest event."""
    line, glyphs = Line(scene.inks, width), scene.glyphs
    if scene.notice is not None:
        severity, text = scene.notice.severity, scene.notice.text
    elif scene.trouble or scene.refuted:
        severity, text = "critical", scene.trouble or scene.refuted
    elif scene.log is not None:
        severity = scene.log.severity
        time = scene.log.time.astimezone(scene.now.tzinfo)
        text = " ".join(filter(None, [f"{time:%H:%M:%S}", scene.log.pdu, scene.log.text]))
    else:
        return blank(scene.inks, width)
    mark = glyphs.dot if severity == "info" else glyphs.alert
    line.add(f" {mark} ", _SEVERITY[severity])
    return line.add(cut(scene.clean(text), line.room - 1, glyphs.ellipsis),
                    _SEVERITY[severity]).strip()  # fmt: skip


def report_rows(report: ChainReport, glyphs: GlyphSet, width: int) -> list[Row]:
    """What a check found, for a dialog."""
    count = "1 record" if report.records == 1 else f"{report.records} records"
    first: Row = [(f"{glyphs.done} The chain of {count} holds.", "on")]
    if not report.ok:
        first = [(f"{glyphs.alert} The chain of {count} is broken.", "critical")]
    rows: list[Row] = [first, []]
    for fault in report.faults:
        text = clean(f"{glyphs.alert} {fault.what}", glyphs.ascii_only)
        rows += [[(part, "critical")] for part in wrap(text, width)]
    rows += [[]] if report.faults else []
    for note in report.notes:
        text = clean(f"{glyphs.dot} {note}", glyphs.ascii_only)
        rows += [[(part, "text")] for part in wrap(text, width)]
    rows += [[]] if report.notes else []
    rows += [
        [("Hash of the newest record, to be kept elsewhere:", "muted")],
        *([(part, "value")] for part in wrap(report.head, min(width, 64))),
        [],
    ]
    said = "Whoever can write the file can make a chain anew: pdutui audit --verify --expect HASH"
    rows += [[(part, "muted")] for part in wrap(f"{said} finds that.", width)]
    return rows
