"""The whole policy, in its order, put to one wish.

Pure rules stand in `policy` and its neighbours; here they are given what they judge by: the PDU as
it is now, the clock, the lock, what was sent within the last minute, the preview.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo

import msgspec

from pdutui.domain.clock import Clock
from pdutui.domain.commands import WHOLE_PDU, Intent
from pdutui.domain.impact import Change, Impact, Preview, dangers, said_of
from pdutui.domain.roles import Role, role_of
from pdutui.engine.attempt import Asked, Attempt
from pdutui.engine.changed import changed
from pdutui.engine.fleet import Pdu
from pdutui.engine.foresight import foresee
from pdutui.engine.lock import ConsoleLock
from pdutui.engine.policy import (
    ALLOWED,
    Ruling,
    closed,
    forbidden,
    judge,
    typed_right,
    unknown_pdu,
)
from pdutui.engine.policy_approval import Approvals, approval_needed
from pdutui.engine.policy_name import NameWanted, name_wanted, window_ruling
from pdutui.engine.policy_reason import HARMLESS, explained, needs_reason, needs_ticket
from pdutui.engine.policy_who import barred, may
from pdutui.engine.rates import Rates
from pdutui.engine.turns import Heard
from pdutui.engine.verdict import Verdict, make_verdict
from pdutui.engine.windows import closed_because, hours_of
from pdutui.settings import Settings


class Judge:
    """Judges wishes. It changes nothing but the count of what was sent."""

    def __init__(
        self,
        pdus: Mapping[str, Pdu],
        settings: Settings,
        *,
        clock: Clock,
        zone: tzinfo,
        lock: ConsoleLock,
    ) -> None:
        self._pdus = pdus
        self._settings = settings
        self._control = settings.control
        self._clock = clock
        self._zone = zone
        self._lock = lock
        self._rates: dict[str, Rates] = {}
        self.preview: Preview | None = None
        self.approvals: Approvals | None = None
        self.stopping = False

    def take(self, settings: Settings) -> None:
        """Judge by other settings from now on."""
        self._settings = settings
        self._control = control = settings.control
        for rates in self._rates.values():
            rates.limit(control.commands_per_minute, control.outlet_per_minute)

    # -- without a person --------------------------------------------------------------------

    def rule(self, intent: Intent, *, asking: bool = False) -> Ruling:
        """The first rule that speaks against a wish, those left out that a person answers.

        With `asking` a reason and a ticket are still to be typed.
        """
        rulings = self._rulings(intent, asking)
        return next((ruling for ruling in rulings if not ruling.allowed), ALLOWED)

    def _rulings(self, intent: Intent, asking: bool) -> Iterator[Ruling]:
        control = self._control
        yield forbidden(control)
        yield barred(intent.actor, control.roles)
        known = self._pdus.get(intent.pdu)
        if known is None:
            yield unknown_pdu(intent.pdu, tuple(self._pdus))
            return
        if self.stopping:
            yield Ruling(rule="ending", reason="the program is ending")
        situation = known.situation(self._clock.monotonic())
        others = {n: f for n, f in known.in_flight.items() if f.intent.id != intent.id}
        situation = msgspec.structs.replace(situation, in_flight=others)
        yield closed(situation)
        yield may(
            intent.actor, control.roles, known.settings, known.reading, intent.outlet, intent.action
        )
        yield self._locked(intent)
        yield self._window(intent)[0]
        yield self._rate(intent)
        if not asking:
            yield explained(control, intent.action, intent.reason, intent.ticket)
        yield judge(situation, intent.outlet, intent.action, intent.delay_s)

    def role(self, intent: Intent) -> Role:
        """Of who asks."""
        return role_of(intent.actor, self._control.roles)

    def _locked(self, intent: Intent) -> Ruling:
        """Nothing begins in a program that nobody watches, wherever it comes from.

        A rule and the network are stopped as well: whoever locked the console has left, and what
        they switch would be seen and called back by nobody. Taking back a delayed command is let
        through to them, as it leaves everything as it is; a hand at a locked keyboard is not. A
        plan that was under way goes on: its commands were agreed to before.
        """
        if not self._lock.locked:
            return ALLOWED
        if self.approvals is not None and self.approvals.under_way(intent):
            return ALLOWED
        if intent.actor.origin in ("rule", "network") and intent.action in ("cancel", "all_cancel"):
            return ALLOWED
        return Ruling(rule="locked", reason=f"this console is {self._lock.words}")

    def _window(self, intent: Intent) -> tuple[Ruling, str]:
        """What maintenance windows say: a refusal, or why a name has to be typed."""
        hours = hours_of(self._control.windows, intent.pdu, self._clock.now(), self._zone)
        why = closed_because(hours, intent.pdu, self._zone)
        return window_ruling(self._control, self.role(intent), intent.action, why)

    def _rate(self, intent: Intent) -> Ruling:
        rates = self._rates.get(intent.pdu)
        if rates is None:
            return ALLOWED
        _, why = rates.refusal(intent.outlet, intent.action, self._clock.monotonic())
        return Ruling(rule="rate_limit", reason=f"{intent.pdu}: {why}") if why else ALLOWED

    def free_in_s(self, intent: Intent) -> float:
        """Seconds until the rate limits let it through; 0: now."""
        rates = self._rates.get(intent.pdu)
        now_s = self._clock.monotonic()
        return rates.refusal(intent.outlet, intent.action, now_s)[0] if rates is not None else 0.0

    def sent(self, intent: Intent) -> None:
        """It goes out at this moment: it counts, whatever comes of it."""
        rates = self._rates_of(intent.pdu)
        rates.count(intent.outlet, intent.action, self._clock.monotonic())
        self._pdus[intent.pdu].given.note(intent)

    def heard(self, pdu: str, others: Sequence[Heard]) -> None:
        """What other programs of this state directory have sent: it counts as well.

        A script that starts a command line for every command has but one in each program.
        """
        if others or pdu in self._rates:
            self._rates_of(pdu).hear([(one.outlet, one.at_s) for one in others])

    def _rates_of(self, pdu: str) -> Rates:
        control = self._control
        return self._rates.setdefault(
            pdu, Rates(control.commands_per_minute, control.outlet_per_minute)
        )

    def seen(self, intent: Intent) -> Asked:
        """What whoever makes a wish is looking at now, but for what it will do."""
        known = self._pdus.get(intent.pdu)
        return Asked.of(
            known.reading if known is not None else None,
            intent.pdu,
            intent.outlet,
            intent.action,
            at=self._clock.now(),
            at_s=self._clock.monotonic(),
            mark=known.given.mark if known is not None else 0,
            turns=known.turned(intent.outlet) if known is not None else 0,
        )

    def foreseen(self, intent: Intent) -> Asked:
        """The same, with what is in danger."""
        return msgspec.structs.replace(self.seen(intent), dangers=dangers(self.impact(intent)))

    # -- with one ----------------------------------------------------------------------------

    def impact(self, intent: Intent) -> Impact | None:
        """What it would do now; None where nothing is switched or nothing is known of the PDU.

        A preview that fails stops nobody: it says that it does not know.
        """
        known = self._pdus.get(intent.pdu)
        preview = self.preview
        if preview is None or known is None or known.reading is None or intent.action in HARMLESS:
            return None
        change = Change(pdu=intent.pdu, outlet=intent.outlet, action=intent.action)
        return foresee(preview, (change,))

    def name_wanted(self, intent: Intent, impact: Impact | None) -> NameWanted | None:
        """Why a name has to be typed; None where none has."""
        known = self._pdus.get(intent.pdu)
        if known is None:
            return None
        return name_wanted(
            known.settings,
            known.reading,
            intent.outlet,
            intent.action,
            impact=impact,
            outside=self._window(intent)[1],
        )

    def approval_needed(self, intent: Intent, impact: Impact | None) -> str:
        """Why a second person has to agree; empty where none has."""
        known = self._pdus.get(intent.pdu)
        if known is None:
            return ""
        return approval_needed(self._settings, known.settings, known.reading, intent, impact)

    def verdict(self, intent: Intent) -> Verdict:
        """What would be said to a wish now, and what is still to be done for it."""
        known = self._pdus.get(intent.pdu)
        ruling, impact = self.rule(intent, asking=True), self.impact(intent)
        wanted = self.name_wanted(intent, impact)
        verdict = make_verdict(
            known, intent.pdu, intent.outlet, intent.action, ruling, intent.delay_s,
            name_asked=wanted.text if wanted is not None else "",
            impact=impact,
            approval=self.approval_needed(intent, impact),
        )  # fmt: skip
        return msgspec.structs.replace(
            verdict,
            needs_reason=needs_reason(self._control, intent.action),
            needs_ticket=needs_ticket(self._control, intent.action),
        )

    def admit(self, attempt: Attempt, now: Asked, *, typed: str | None, confirmed: bool) -> Ruling:
        """The whole policy, the person's part included, and what was typed is taken down."""
        attempt.name_typed = _typed_right(attempt, typed)
        ruling = self._stands(attempt, now, lambda wanted: wanted.refused(typed))
        if ruling.allowed and not confirmed:
            return Ruling(rule="not_confirmed", reason="not confirmed")
        return ruling

    def recheck(self, attempt: Attempt, now: Asked) -> Ruling:
        """The same at the last moment, when nobody can be asked any more.

        Args:
            attempt: what is about to be sent.
            now: what its subject looks like now.
        """
        return self._stands(attempt, now, lambda wanted: wanted.late())

    def _stands(
        self, attempt: Attempt, now: Asked, unnamed: Callable[[NameWanted], Ruling]
    ) -> Ruling:
        intent = attempt.intent
        ruling = self.rule(intent)
        if ruling.allowed:
            ruling = changed(attempt, now)
        if not ruling.allowed:
            return ruling
        impact = self.impact(intent)
        wanted = self.name_wanted(intent, impact)
        if wanted is not None and not attempt.name_typed:
            return unnamed(wanted)
        agreed = attempt.asked.dangers
        if agreed is not None and not dangers(impact) <= agreed:
            # A name was typed, for another reason than this.
            text = f"{said_of(impact)}: this was not so when it was asked for"
            return Ruling(rule="dangerous", reason=text)
        return self._approved(attempt, impact)

    def _approved(self, attempt: Attempt, impact: Impact | None) -> Ruling:
        intent = attempt.intent
        why = self.approval_needed(intent, impact)
        attempt.approved_by = None
        if self.approvals is not None and intent.plan is not None:
            attempt.approved_by = self.approvals.approved(intent)
        if why and attempt.approved_by is None:
            return Ruling(rule="needs_approval", reason=why)
        return ALLOWED


def _typed_right(attempt: Attempt, typed: str | None) -> bool:
    if attempt.intent.outlet == WHOLE_PDU:
        return typed is not None and typed.strip() == attempt.intent.pdu
    return typed_right(attempt.intent.outlet, attempt.subject.name, typed)
