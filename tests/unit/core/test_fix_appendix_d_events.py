"""FIX 4.4 Volume 4, Appendix D, groups E to L: what a venue does by itself, days, corrections."""

from __future__ import annotations

import pytest

from models.commands import CancelOrder, VenueReport
from models.events import AlertRaised, CommandFailed, ReportRefused
from models.order_state import Trigger
from tests.builders import DESK, VENUE, Desk, fill_report, new_id
from tests.unit.core.appendix_d import play

UNSOLICITED = {
    "E.1.b-D23-unsolicited-cancel-of-part-filled-order": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 1000 @ 100      ; partially_filled 10000  1000  9000
        canceled                ; canceled         10000  1000     0 100
        """,
    "E.1.c-D24-unsolicited-replacement-of-part-filled-order": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        restated 11000          ; new              11000     0 11000
        trade B 1000 @ 100      ; partially_filled 11000  1000 10000
        restated 12000          ; partially_filled 12000  1000 11000
        """,
    "E.1.d-D25-unsolicited-reduction": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        restated 9000           ; new               9000     0  9000
        trade B 9000 @ 100      ; filled            9000  9000     0 100
        """,
    "E.1.e-unsolicited-cancel-of-cancel-if-not-best": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        canceled                ; canceled         10000     0     0
        """,
    "E.1.f-held-waiting-for-activation-then-activated": """
        enter 10000 stop        ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        triggered               ; new              10000     0 10000
        trade B 2000 @ 101      ; partially_filled 10000  2000  8000
        trade C 8000 @ 101      ; filled           10000 10000     0 101
        """,
}

REJECTS = {
    "F.1.a-D26-duplicate-clordid-of-part-filled-order": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 1000 @ 100      ; partially_filled 10000  1000  9000
        kept reject             ; partially_filled 10000  1000  9000 100
        """,
    "F.1.b-D27-poss-resend-is-acknowledged-again": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        ack                     ; new              10000     0 10000
        """,
    "F.1.c-D28-already-verbally-submitted": """
        enter 10000             ; pending_new      10000     0 10000
        reject                  ; rejected         10000     0     0
        """,
}

STATUS = {
    "G.1.b-D30-nothing-done": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        look                    ; new              10000     0 10000
        """,
    "G.1.c-D31-status-through-the-life-of-an-order": """
        enter 10000             ; pending_new             10000     0 10000
        look                    ; pending_new             10000     0 10000
        ack                     ; new                     10000     0 10000
        look                    ; new                     10000     0 10000
        trade B 2000 @ 100      ; partially_filled        10000  2000  8000
        look                    ; partially_filled        10000  2000  8000
        trade C 8000 @ 100      ; filled                  10000 10000     0
        look                    ; filled                  10000 10000     0
        replace 12000           ; pending_replace[filled] 10000 10000     0
        pending-replace         ; pending_replace[filled] 10000 10000     0
        replaced                ; partially_filled        12000 10000  2000
        look                    ; partially_filled        12000 10000  2000
        """,
}

GOOD_TILL = {
    "H.1.a-D32-gtc-restated-and-filled-on-the-next-day": """
        enter 10000 gtc         ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 2000 @ 100      ; partially_filled 10000  2000  8000
        done-for-day            ; done_for_day     10000  2000  8000
        next-day                ; partially_filled 10000  2000  8000
        restated                ; partially_filled 10000  2000  8000
        trade C 1000 @ 100      ; partially_filled 10000  3000  7000 100
        """,
    "H.1.b-D33-split-is-kept-for-people": """
        enter 10000 gtc         ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 2000 @ 50       ; partially_filled 10000  2000  8000
        done-for-day            ; done_for_day     10000  2000  8000
        next-day                ; partially_filled 10000  2000  8000
        kept-split 20000 4000   ; partially_filled 10000  2000  8000 50
        """,
    "H.1.c-D34-gtc-restated-and-canceled-on-the-next-day": """
        enter 10000 gtc         ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 2000 @ 100      ; partially_filled                 10000  2000  8000
        done-for-day            ; done_for_day                     10000  2000  8000
        next-day                ; partially_filled                 10000  2000  8000
        restated                ; partially_filled                 10000  2000  8000
        cancel                  ; pending_cancel[partially_filled] 10000  2000  8000
        pending-cancel          ; pending_cancel[partially_filled] 10000  2000  8000
        canceled                ; canceled                         10000  2000     0
        """,
    "H.1.c-D34-cancel-rejected": """
        enter 10000 gtc         ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 2000 @ 100      ; partially_filled                 10000  2000  8000
        done-for-day            ; done_for_day                     10000  2000  8000
        next-day                ; partially_filled                 10000  2000  8000
        cancel                  ; pending_cancel[partially_filled] 10000  2000  8000
        cancel-reject           ; partially_filled                 10000  2000  8000
        """,
    "H.1.d-D35-gtc-restated-and-increased": """
        enter 10000 gtc         ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 2000 @ 100      ; partially_filled                  10000  2000  8000
        done-for-day            ; done_for_day                      10000  2000  8000
        next-day                ; partially_filled                  10000  2000  8000
        restated                ; partially_filled                  10000  2000  8000
        replace 15000           ; pending_replace[partially_filled] 10000  2000  8000
        pending-replace         ; pending_replace[partially_filled] 10000  2000  8000
        trade C 1000 @ 100      ; pending_replace[partially_filled] 10000  3000  7000
        replaced                ; partially_filled                  15000  3000 12000 100
        """,
    "H.1.d-D35-increase-rejected": """
        enter 10000 gtc         ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 2000 @ 100      ; partially_filled                  10000  2000  8000
        done-for-day            ; done_for_day                      10000  2000  8000
        next-day                ; partially_filled                  10000  2000  8000
        replace 15000           ; pending_replace[partially_filled] 10000  2000  8000
        trade C 1000 @ 100      ; pending_replace[partially_filled] 10000  3000  7000
        replace-reject          ; partially_filled                  10000  3000  7000
        """,
}

TIME_IN_FORCE = {
    "I.1.a-D36-fill-or-kill-that-cannot-be-filled": """
        enter 10000 fok         ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        canceled                ; canceled         10000     0     0
        """,
    "I.1.b-D37-immediate-or-cancel-hit-in-part": """
        enter 10000 ioc         ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 1000 @ 100      ; partially_filled 10000  1000  9000
        canceled                ; canceled         10000  1000     0 100
        """,
    "day-order-expires-unfilled": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 1000 @ 100      ; partially_filled 10000  1000  9000
        expired                 ; expired          10000  1000     0 100
        """,
}

CORRECTIONS = {
    "J.1.a-D38-filled-then-corrected-and-busted": """
        enter 10000             ; pending_new             10000     0 10000   0
        ack                     ; new                     10000     0 10000   0
        trade C 1000 @ 100      ; partially_filled        10000  1000  9000 100
        trade D 9000 @ 110      ; filled                  10000 10000     0 109
        bust E C                ; partially_filled        10000  9000  1000 110
        correct F D 9000 @ 100  ; partially_filled        10000  9000  1000 100
        trade G 1000 @ 120      ; filled                  10000 10000     0 102
        correct H F 9000 @ 120  ; filled                  10000 10000     0 120
        replace 12000           ; pending_replace[filled] 10000 10000     0 120
        pending-replace         ; pending_replace[filled] 10000 10000     0 120
        replaced                ; partially_filled        12000 10000  2000 120
        correct K H 9500 @ 120  ; partially_filled        12000 10500  1500 120
        """,
    "J.1.b-D39-canceled-then-busted-then-a-new-execution": """
        enter 10000             ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 5000 @ 50       ; partially_filled                 10000  5000  5000
        cancel                  ; pending_cancel[partially_filled] 10000  5000  5000
        pending-cancel          ; pending_cancel[partially_filled] 10000  5000  5000
        canceled                ; canceled                         10000  5000     0
        bust E B                ; canceled                         10000     0     0 0
        trade F 4000 @ 51       ; canceled                         10000  4000     0 51
        """,
    "J.1.c-D40-gtc-corrected-on-both-days": """
        enter 10000 gtc         ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 2000 @ 100      ; partially_filled 10000  2000  8000
        done-for-day            ; done_for_day     10000  2000  8000
        next-day                ; partially_filled 10000  2000  8000
        restated                ; partially_filled 10000  2000  8000
        trade E 1000 @ 100      ; partially_filled 10000  3000  7000
        correct F B 1500 @ 100  ; partially_filled 10000  2500  7500
        correct G E 500 @ 100   ; partially_filled 10000  2000  8000 100
        """,
    "J.1.d-D41-done-for-day-then-corrected-and-busted": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 5000 @ 50       ; partially_filled 10000  5000  5000
        done-for-day            ; done_for_day     10000  5000     0
        correct D B 4000 @ 50   ; done_for_day     10000  4000     0 50
        bust E D                ; done_for_day     10000     0     0 0
        """,
}

HALTS = {
    "K.1.a-D43-trading-halt-reinstate": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 10000 @ 100     ; filled           10000 10000     0
        """,
    "K.1.a-D43-trading-halt-told-as-suspended-and-resumed": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        suspended               ; suspended        10000     0 10000
        resumed                 ; new              10000     0 10000
        trade B 10000 @ 100     ; filled           10000 10000     0
        """,
    "K.1.b-D44-trading-halt-cancel": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        canceled                ; canceled         10000     0     0
        """,
}

MATRICES = {
    **UNSOLICITED,
    **REJECTS,
    **STATUS,
    **GOOD_TILL,
    **TIME_IN_FORCE,
    **CORRECTIONS,
    **HALTS,
}


@pytest.mark.parametrize("script", MATRICES.values(), ids=MATRICES)
def test_order_goes_as_the_matrix_says(script: str) -> None:
    play(script)


def test_b_1_f_cancel_of_an_unknown_order_is_refused() -> None:
    """D7a. Nothing leaves for a venue, so no client order id is used up."""
    desk = Desk()
    (failed,) = desk.run(CancelOrder(id=new_id(), author="alice", desk=DESK, order_id="O-9"))
    assert isinstance(failed, CommandFailed)
    assert failed.text == "Order O-9 is not known. Look it up again."


@pytest.mark.parametrize("trigger", [Trigger.ACKNOWLEDGE, Trigger.PARTIAL_FILL])
def test_e_1_a_reports_of_a_telephoned_order_are_kept_for_people(trigger: Trigger) -> None:
    """D22. The desk has no order that they could belong to."""
    desk = Desk()
    said = VenueReport(
        id=new_id(), author=VENUE, cl_ord_id="", trigger=trigger, last_qty=2_000, last_px=1
    )
    kept, alert = desk.run(said)
    assert isinstance(kept, ReportRefused)
    assert kept.report == said
    assert isinstance(alert, AlertRaised)


def test_unsolicited_increase_is_applied_and_somebody_is_told() -> None:
    played = play("enter 10000 ; pending_new 10000 0 10000\nack ; new 10000 0 10000")
    desk, order = played.desk, played.order
    _, alert = desk.run(played.restatement(11_000))
    assert isinstance(alert, AlertRaised)
    assert alert.alert.text == (
        f"SIM raised {order.order_id} from 10,000 to 11,000 without being asked to. Call the "
        "venue, or lower it again."
    )
    assert order.qty == 11_000
    assert desk.run(fill_report(order, 11_000))


def test_restatement_from_before_a_later_one_changes_nothing() -> None:
    played = play("enter 10000 ; pending_new 10000 0 10000\nack ; new 10000 0 10000")
    first = played.restatement(11_000)
    played.desk.ts += 1
    later = played.restatement(9_000)
    played.desk.run(first)
    played.desk.run(later)
    assert played.desk.run(first) == []
    assert played.order.qty == 9_000
