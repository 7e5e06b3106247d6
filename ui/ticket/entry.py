"""What a ticket holds and what may be done with it: judged as one types, sent once. No Qt."""

from __future__ import annotations

import copy
import time
from dataclasses import replace

import msgspec

from app.core.decide.registry import may_handle
from app.core.headroom import Headroom, tightest
from app.core.judgement import Judgement
from app.session.client import Session
from app.session.ids import new_command_id
from app.session.step import Link, Request
from models.commands import AmendOrder, AnyCommand, SubmitGroup, SubmitOrder
from models.instruments import Instrument
from models.limits import Outcome
from models.order_state import PENDING, OrderStatus
from models.orders import Order, OrderTerms, OrderType, Replacement, handling_of
from models.parties import Account
from ui.ticket.bond_words import Question, question_of
from ui.ticket.draft import Draft, draft_of, slice_of
from ui.ticket.draft_file import SavedDraft
from ui.ticket.estimate import Estimate, estimate
from ui.ticket.legs import Group, Leg, group_of
from ui.ticket.one_line import Mistake
from ui.ticket.outlook import Line, desk_outlook, early_close, group_outlook, outlook
from ui.ticket.steps import stepped
from ui.ticket.verdict import (
    Verdict,
    amend_text,
    button_text,
    group_text,
    kept,
    of_faults,
    of_group,
    of_judgement,
    of_mistakes,
    standstill,
)
from ui.ticket.wording import order_words

_ON_ITS_WAY = {
    OrderStatus.SENDING: "is being sent",
    OrderStatus.RECEIVED: "was received and is not decided yet",
    OrderStatus.UNKNOWN: "was sent and the store did not answer; what became of it is looked up",
}


class Entry:
    """One draft on its way to being sent once.

    Attributes:
        draft: the texts as typed.
        amends: the order that it would amend, as the person took it in; `None` for a new one.
        parent_id: the care order that it is a slice of, empty when it is none.
        command_id: the id under which it is sent; a draft keeps it until the session took it, so
            that the same click can't be two orders.
        terms: what the draft means, `None` while it means nothing.
        group: the orders that it is sent together with, itself first; `None` when it goes alone.
        verdict, room, cost: what the engine's rules say of it, as of the last `judge`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.draft = Draft()
        self.amends: Order | None = None
        self.parent_id = ""
        self.command_id = new_command_id()
        self.terms: OrderTerms | None = None
        self.group: Group | None = None
        self.verdict: Verdict = of_mistakes(())
        self.line_mistakes: tuple[Mistake, ...] = ()
        self.room: Headroom | None = None
        self.cost = Estimate()

    # -- taking in -----------------------------------------------------------------------------

    def take(
        self,
        draft: Draft,
        amends: Order | None = None,
        command_id: str = "",
        parent_id: str = "",
    ) -> None:
        """Begin anew with `draft`, under an id of its own unless it had one."""
        self.draft, self.parent_id = draft, parent_id
        # A copy: the state's own order moves on under the person's eyes.
        self.amends = None if amends is None else copy.copy(amends)
        self.command_id = command_id or new_command_id()
        self.line_mistakes = ()

    def take_order(self, order: Order) -> None:
        """Begin to amend `order` from its present terms."""
        self.take(draft_of(order, self._session.core.state.instruments), order)

    def take_slice(self, parent: Order) -> None:
        """Begin a slice of the care order `parent`: all that it has left to send."""
        draft = slice_of(parent, self._session.core.state.instruments, str(parent.room or ""))
        self.take(draft, parent_id=parent.order_id)

    def take_next(self, *, stays: bool) -> None:
        """Begin what comes after what was sent: the next slice, if it `stays` and room is left."""
        parent, terms, instruments = self.parent, self.terms, self._session.core.state.instruments
        if stays and parent is not None and terms is not None and parent.room > terms.qty:
            self.take(slice_of(parent, instruments), parent_id=parent.order_id)
        else:
            self.take(self.draft.emptied(OrderType.LIMIT if self.amends is not None else None))

    def take_new_terms(self) -> None:
        """Amend the order as it is now: what the person has typed stays, the rest is the order's.

        Under another id: it is another amendment.
        """
        seen, now, instruments = self.amends, self.order, self._session.core.state.instruments
        if seen is None or now is None:
            return
        typed, before, after = self.draft, draft_of(seen, instruments), draft_of(now, instruments)
        for name in before.__dataclass_fields__:
            if getattr(typed, name) != getattr(before, name):
                setattr(after, name, getattr(typed, name))
        self.take(after, now)

    @property
    def has_moved_on(self) -> bool:
        """Whether the order was changed since the person took it in, and waits for no answer."""
        seen, now = self.amends, self.order
        if seen is None or now is None or now.status in PENDING or now.is_terminal:
            return False
        return now.version != seen.version

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing that could be sent."""
        return self.amends is None and self.draft.is_blank

    @property
    def parent(self) -> Order | None:
        """The care order that it is a slice of, as it is now."""
        return self._session.core.state.orders.get(self.parent_id)

    @property
    def account(self) -> Account | None:
        """The account that it is for."""
        return self._session.core.state.accounts.get(self.draft.account)

    @property
    def instrument(self) -> Instrument | None:
        """The symbol's line in the security master."""
        return self._session.core.state.instruments.get(self.draft.symbol)

    @property
    def today(self) -> str:
        """The desk's day, empty before its first."""
        return self._session.core.state.day

    @property
    def reference_px(self) -> int:
        """The last price of the symbol, 0 when there is none."""
        quote = self._session.core.quotes.get(self.draft.symbol)
        return quote.last if quote is not None else 0

    @property
    def bond(self) -> Question | None:
        """What to ask of the bond that it is in; `None` when it is in none."""
        core = self._session.core
        quote = core.quotes.get(self.draft.symbol)
        return question_of(self.instrument, self.terms, self.draft.side, quote, core.state.day)

    @property
    def order(self) -> Order | None:
        """The order that it would amend, as it is now."""
        if self.amends is None:
            return None
        return self._session.core.state.orders.get(self.amends.order_id, self.amends)

    @property
    def replacement(self) -> Replacement | None:
        """What an amendment would ask for; `None` while the draft means nothing."""
        if self.terms is None:
            return None
        terms, seen = self.terms, self.amends
        new = Replacement(qty=terms.qty, limit_px=terms.limit_px, stop_px=terms.stop_px)
        if seen is None:
            return new
        # A ticket has no field for a peg's offset: it stays.
        how = msgspec.structs.replace(handling_of(terms), peg_offset=seen.peg_offset)
        return new if how == handling_of(seen) else msgspec.structs.replace(new, handling=how)

    def _as_amended(self, terms: OrderTerms) -> OrderTerms:
        """A trailing stop's prices are the venue's, and stay what they are by then."""
        order = self.order
        if order is None or not order.order_type.trails:
            return terms
        return msgspec.structs.replace(terms, limit_px=order.limit_px, stop_px=order.stop_px)

    @property
    def _is_priced(self) -> bool:
        return self.amends is not None and self.amends.limit_px is not None

    def stepped(self, field: str, text: str, steps: int) -> str:
        """Return what `field` holds, moved by ticks, basis points or days."""
        return stepped(field, text, steps, self.instrument, self.reference_px, self.today)

    def saved(self, reason: str) -> SavedDraft:
        """Return what a file keeps of it."""
        core, amends = self._session.core, self.amends
        return SavedDraft(
            login=core.login,
            desk=core.desk,
            command_id=self.command_id,
            saved_ts=time.time_ns(),
            draft=copy.copy(self.draft),
            reason=reason,
            order_id="" if amends is None else amends.order_id,
            version=0 if amends is None else amends.version,
            parent_id=self.parent_id,
        )

    # -- judging -------------------------------------------------------------------------------

    def judge(self, *, with_room: bool = True) -> None:
        """Hold the draft against the engine's rules, in the state as it is now.

        Without `with_room` the headroom is left out: it is what takes longest.
        """
        self.terms, self.group, self.cost = None, None, Estimate()
        self.room = self._room() if with_room else None
        read = self.draft.terms(self._is_priced)
        if isinstance(read, list):
            self.verdict = of_mistakes(read)
            return
        meaning = self._as_amended(read)
        if self.amends is None:
            found = group_of(self.draft, meaning, is_slice=bool(self.parent_id))
            if isinstance(found, list):
                self.verdict = of_faults(found)
                return
            self.group = found
        self.terms = meaning
        core, instrument = self._session.core, self.instrument
        judgement = self._session.preview(meaning, self.order, self.parent)
        objection = self._objection()
        self.verdict = standstill(objection) if objection else self._verdict(meaning, judgement)
        if instrument is not None and not judgement.errors:
            quote = core.context.quote(meaning.symbol)
            self.cost = estimate(core.state, meaning, instrument, quote, judgement.notional)

    def _verdict(self, terms: OrderTerms, judgement: Judgement) -> Verdict:
        """Return what the engine would say of it, and of all that is sent with it."""
        gauges = self.room.gauges if self.room else ()
        ahead = () if judgement.errors or self.amends is not None else self._outlook(terms)
        if self.group is not None:
            first, *others = self.group.legs
            judged: list[tuple[Leg, Judgement]] = [(first, judgement)]
            judged += [(leg, self._session.preview(leg.terms)) for leg in others]
            return of_group(judged, gauges, ahead)
        verdict = of_judgement(judgement, gauges, ahead)
        return kept(verdict) if self.is_staged and not judgement.errors else verdict

    def _outlook(self, terms: OrderTerms) -> tuple[Line, ...]:
        draft, instrument, core = self.draft, self.instrument, self._session.core
        if instrument is None:
            return ()
        lines = outlook(terms, instrument, core.context.quote(terms.symbol))
        lines += early_close(terms, core.state.calendars.get(instrument.mic), self.today)
        if self.group is not None:
            return lines + group_outlook(self.group.contingency)
        is_care, is_unclaimed = draft.is_care, draft.is_unclaimed
        return lines + desk_outlook(
            is_care=is_care, is_unclaimed=is_unclaimed, is_staged=self.is_staged
        )

    def _room(self) -> Headroom | None:
        asked = self.draft.terms_of_any_size(self._is_priced)
        if asked is None:
            return None
        room = self._session.headroom(self._as_amended(asked), self.order, self.parent)
        sized = replace(self.draft, qty=str(asked.qty))
        group = None if self.amends is not None else group_of(sized, asked)
        if not isinstance(group, Group):
            return room
        for terms in group.terms[1:]:
            if terms.qty == asked.qty:  # it has the first's quantity, and limits of its own
                room = tightest(room, self._session.headroom(terms))
        return room

    def _objection(self) -> str:
        """Return why nothing of the kind can be sent now; empty when it can."""
        core = self._session.core
        if core.link is not Link.LIVE:
            why = f" {core.link_text}" if core.link_text else ""
            return f"Nothing can be sent: the store is {core.link.value}.{why} The draft stays."
        request = self._request_like_it()
        if request is not None:
            what = "This order" if self.amends is None else "An amendment of this order"
            return f"{what} {_ON_ITS_WAY[request.status]}. It can't be entered again until then."
        if self.amends is None:
            return self._slice_objection()
        return self._session.amend_objection(self.amends.order_id, self.amends.version)

    def _slice_objection(self) -> str:
        """Return why no slice of its parent can be sent by this person; empty when it can."""
        parent, core = self.parent, self._session.core
        if not self.parent_id:
            return ""
        if parent is None:
            return f"{self.parent_id} is not known any more. Drop the slice (Esc)."
        if not may_handle(core.state, core.login, parent):
            whose = f"{parent.trader}'s" if parent.trader else "nobody's yet"
            way = "Ask them to pass it to you" if parent.trader else "Claim it first"
            return f"{parent.order_id} is {whose}; {core.login} can't send a slice of it. {way}."
        return ""

    def _request_like_it(self) -> Request | None:
        """Return what was sent before and is not settled, where this would be the same again."""
        for request in self._session.core.requests.values():
            command = request.command
            if not request.is_open:
                continue
            if self.amends is None:
                if self._is_like(command):
                    return request
            elif isinstance(command, AmendOrder) and command.order_id == self.amends.order_id:
                return request
        return None

    def _is_like(self, command: AnyCommand) -> bool:
        """Whether `command` entered what this would enter."""
        if self.group is not None:
            return isinstance(command, SubmitGroup) and command.legs == self.group.terms
        if not isinstance(command, SubmitOrder):
            return False
        return (command.terms, command.parent_id) == (self.terms, self.parent_id)

    # -- sending -------------------------------------------------------------------------------

    @property
    def is_staged(self) -> bool:
        """Whether it is kept at the desk until it is released."""
        return self.draft.staged and self.amends is None

    def can_send(self, reason: str) -> bool:
        """Whether the button would send what it says, and all that was typed was understood."""
        if self.terms is None or self.line_mistakes or not self.changes_something:
            return False
        if self.verdict.outcome is Outcome.SOFT:
            return bool(reason)
        return self.verdict.outcome is Outcome.PASS

    @property
    def wants_reason(self) -> bool:
        """Whether it can be sent with a reason only."""
        return self.verdict.outcome is Outcome.SOFT and self.changes_something

    @property
    def changes_something(self) -> bool:
        """Whether sending it would ask for anything: an amendment of nothing would not."""
        seen, new = self.amends, self.replacement
        if seen is not None and new is not None and seen.order_type.trails:
            return new.qty != seen.qty or new.handling is not None
        return seen is None or new != seen.replacement

    @property
    def words(self) -> str:
        """What the button says: exactly what is sent."""
        instrument = self.instrument
        if self.terms is None or instrument is None:
            return "Nothing to send yet"
        if self.group is not None:
            listed = self._session.core.state.instruments
            is_known = all(terms.symbol in listed for terms in self.group.terms)
            return group_text(self.group, listed) if is_known else "Nothing to send yet"
        if self.amends is None:
            return button_text(self.terms, instrument, self._verb, self._whereto)
        return amend_text(self.amends, self.terms, self.replacement, instrument)

    @property
    def leg_lines(self) -> list[tuple[str, str]]:
        """What the line has said of other orders, each as it would be sent."""
        listed, lines = self._session.core.state.instruments, []
        for leg in self.group.legs if self.group is not None and self.draft.legs else ():
            instrument = listed.get(leg.terms.symbol)
            if leg.name and instrument is not None:
                lines.append(
                    ("text", f"{leg.name}: {' '.join(order_words(leg.terms, instrument))}")
                )
        return lines

    @property
    def _verb(self) -> str:
        verbs = ("STAGE" if self.is_staged else "", "SLICE" if self.parent_id else "")
        return " ".join(verb for verb in verbs if verb)

    @property
    def _whereto(self) -> str:
        """Return where it goes; a care order stays, with whoever works it."""
        if self.draft.is_care:
            waits = self.draft.is_unclaimed
            return "desk, unclaimed" if waits else f"care of {self._session.core.login}"
        return f"{self.draft.venue} for {self.parent_id}" if self.parent_id else ""

    def send(self, reason: str) -> str:
        """Hand it to the session and return its command id; raises `BlotterError` if refused.

        Refused, it stays as it was, under the same id.
        """
        terms, replacement = self.terms, self.replacement
        assert terms is not None
        assert replacement is not None
        if self.group is not None:
            group = self.group
            return self._session.work.submit_group(
                group.contingency, group.terms, reason, self.command_id
            )
        if self.amends is None:
            return self._session.submit(
                terms,
                reason,
                self.command_id,
                staged=self.is_staged,
                parent_id=self.parent_id,
                unclaimed=self.draft.is_unclaimed,
            )
        return self._session.amend(self.amends, replacement, reason, self.command_id)
