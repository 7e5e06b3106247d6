"""FIX 4.4 Volume 4, Appendix D, groups A to D: vanilla, cancel, and cancel/replace.

The ids are the matrices' references, then their numbers in the errata of FIX 4.3. Where a matrix
has two paths from a time on, the rejected one is a test of its own.
"""

from __future__ import annotations

import pytest

from tests.unit.core.appendix_d import play

VANILLA = {
    "A.1.a-D1-filled-order": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 2000 @ 100      ; partially_filled 10000  2000  8000 100
        trade C 1000 @ 103      ; partially_filled 10000  3000  7000 101
        trade D 7000 @ 101      ; filled           10000 10000     0 101
        """,
    "A.1.a-D1-rejected-by-sales": """
        enter 10000             ; pending_new      10000     0 10000
        reject                  ; rejected         10000     0     0
        """,
    "A.1.a-D1-rejected-by-the-exchange-after-new": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        reject                  ; rejected         10000     0     0
        """,
    "A.1.b-D2-part-filled-day-order-done-for-day": """
        enter 10000             ; pending_new      10000     0 10000
        ack                     ; new              10000     0 10000
        trade B 2000 @ 100      ; partially_filled 10000  2000  8000
        trade C 1000 @ 100      ; partially_filled 10000  3000  7000
        done-for-day            ; done_for_day     10000  3000     0
        """,
}

CANCEL = {
    "B.1.a-D3-cancel-of-zero-filled-order": """
        enter 10000             ; pending_new         10000     0 10000
        ack                     ; new                 10000     0 10000
        cancel                  ; pending_cancel[new] 10000     0 10000
        pending-cancel          ; pending_cancel[new] 10000     0 10000
        canceled                ; canceled            10000     0     0
        """,
    "B.1.a-D3-cancel-rejected-by-salesperson": """
        enter 10000             ; pending_new         10000     0 10000
        ack                     ; new                 10000     0 10000
        cancel                  ; pending_cancel[new] 10000     0 10000
        cancel-reject           ; new                 10000     0 10000
        """,
    "B.1.a-D3-cancel-rejected-by-the-exchange": """
        enter 10000             ; pending_new         10000     0 10000
        ack                     ; new                 10000     0 10000
        cancel                  ; pending_cancel[new] 10000     0 10000
        pending-cancel          ; pending_cancel[new] 10000     0 10000
        cancel-reject           ; new                 10000     0 10000
        """,
    "B.1.b-D4-executions-while-cancel-is-active": """
        enter 10000             ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 2000 @ 100      ; partially_filled                 10000  2000  8000
        cancel                  ; pending_cancel[partially_filled] 10000  2000  8000
        trade C 3000 @ 100      ; pending_cancel[partially_filled] 10000  5000  5000
        pending-cancel          ; pending_cancel[partially_filled] 10000  5000  5000
        trade D 1000 @ 100      ; pending_cancel[partially_filled] 10000  6000  4000
        canceled                ; canceled                         10000  6000     0 100
        """,
    "B.1.b-D4-cancel-rejected-after-the-executions": """
        enter 10000             ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 2000 @ 100      ; partially_filled                 10000  2000  8000
        cancel                  ; pending_cancel[partially_filled] 10000  2000  8000
        trade C 3000 @ 100      ; pending_cancel[partially_filled] 10000  5000  5000
        pending-cancel          ; pending_cancel[partially_filled] 10000  5000  5000
        trade D 1000 @ 100      ; pending_cancel[partially_filled] 10000  6000  4000
        cancel-reject           ; partially_filled                 10000  6000  4000 100
        """,
    "B.1.c-D5-fill-while-pending-cancel": """
        enter 10000             ; pending_new                      10000     0 10000
        ack                     ; new                              10000     0 10000
        trade B 2000 @ 100      ; partially_filled                 10000  2000  8000
        cancel                  ; pending_cancel[partially_filled] 10000  2000  8000
        trade C 3000 @ 100      ; pending_cancel[partially_filled] 10000  5000  5000
        pending-cancel          ; pending_cancel[partially_filled] 10000  5000  5000
        trade D 5000 @ 102      ; pending_cancel[filled]           10000 10000     0 101
        cancel-reject           ; filled                           10000 10000     0 101
        """,
    "B.1.d-D6-cancel-before-acknowledgement-then-accepted": """
        enter 10000             ; pending_new                 10000     0 10000
        cancel                  ; pending_cancel[pending_new] 10000     0 10000
        pending-cancel          ; pending_cancel[pending_new] 10000     0 10000
        ack                     ; pending_cancel[new]         10000     0 10000
        canceled                ; canceled                    10000     0     0
        """,
    "B.1.d-D6-cancel-before-acknowledgement-never-accepted": """
        enter 5000              ; pending_new                 5000     0  5000
        cancel                  ; pending_cancel[pending_new] 5000     0  5000
        pending-cancel          ; pending_cancel[pending_new] 5000     0  5000
        canceled                ; canceled                    5000     0     0
        """,
    "B.1.e-D7-acknowledgement-and-cancel-cross": """
        enter 10000             ; pending_new                 10000     0 10000
        cancel                  ; pending_cancel[pending_new] 10000     0 10000
        ack                     ; pending_cancel[new]         10000     0 10000
        pending-cancel          ; pending_cancel[new]         10000     0 10000
        canceled                ; canceled                    10000     0     0
        """,
}

REPLACE_QTY = {
    "C.1.a-D8-increase-of-zero-filled-order": """
        enter 10000             ; pending_new          10000     0 10000
        ack                     ; new                  10000     0 10000
        replace 11000           ; pending_replace[new] 10000     0 10000
        pending-replace         ; pending_replace[new] 10000     0 10000
        replaced                ; new                  11000     0 11000
        trade B 1000 @ 100      ; partially_filled     11000  1000 10000
        trade C 2000 @ 100      ; partially_filled     11000  3000  8000
        """,
    "C.1.a-D8-increase-rejected": """
        enter 10000             ; pending_new          10000     0 10000
        ack                     ; new                  10000     0 10000
        replace 11000           ; pending_replace[new] 10000     0 10000
        pending-replace         ; pending_replace[new] 10000     0 10000
        replace-reject          ; new                  10000     0 10000
        """,
    "C.1.b-D9-increase-of-part-filled-order-and-execution-while-pending": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 12000           ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        trade C 100 @ 100       ; pending_replace[partially_filled] 10000  1100  8900
        replaced                ; partially_filled                  12000  1100 10900
        trade D 10900 @ 100     ; filled                            12000 12000     0 100
        """,
    "C.1.b-D9-increase-rejected-after-an-execution": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 12000           ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        trade C 100 @ 100       ; pending_replace[partially_filled] 10000  1100  8900
        replace-reject          ; partially_filled                  10000  1100  8900
        """,
    "C.1.c-D10-increase-of-filled-order": """
        enter 10000             ; pending_new             10000     0 10000
        ack                     ; new                     10000     0 10000
        trade B 10000 @ 100     ; filled                  10000 10000     0
        replace 12000           ; pending_replace[filled] 10000 10000     0
        pending-replace         ; pending_replace[filled] 10000 10000     0
        replaced                ; partially_filled        12000 10000  2000
        trade C 2000 @ 106      ; filled                  12000 12000     0 101
        """,
    "C.1.c-D10-increase-of-filled-order-rejected": """
        enter 10000             ; pending_new             10000     0 10000
        ack                     ; new                     10000     0 10000
        trade B 10000 @ 100     ; filled                  10000 10000     0
        replace 12000           ; pending_replace[filled] 10000 10000     0
        replace-reject          ; filled                  10000 10000     0
        """,
    "C.2.a-D11-price-replace-rejected-as-a-fill-has-occurred": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace @ 100.02        ; pending_replace[partially_filled] 10000  1000  9000
        trade C 9000 @ 100      ; pending_replace[filled]           10000 10000     0
        replace-reject          ; filled                            10000 10000     0 100
        """,
    "C.3.a-D12-decrease-above-cum-qty-replaced-then-filled": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        trade C 500 @ 100       ; pending_replace[partially_filled] 10000  1500  8500
        pending-replace         ; pending_replace[partially_filled] 10000  1500  8500
        trade D 100 @ 100       ; pending_replace[partially_filled] 10000  1600  8400
        replaced                ; partially_filled                   8000  1600  6400
        trade E 6400 @ 100      ; filled                             8000  8000     0 100
        """,
    "C.3.a-D12-decrease-rejected": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        trade C 500 @ 100       ; pending_replace[partially_filled] 10000  1500  8500
        pending-replace         ; pending_replace[partially_filled] 10000  1500  8500
        trade D 100 @ 100       ; pending_replace[partially_filled] 10000  1600  8400
        replace-reject          ; partially_filled                  10000  1600  8400
        """,
    "C.3.b-D13-decrease-to-cum-qty": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        replace 7000            ; pending_replace[new]              10000     0 10000
        trade B 7000 @ 100      ; pending_replace[partially_filled] 10000  7000  3000
        replaced                ; filled                             7000  7000     0 100
        """,
    "C.3.c-D14-decrease-below-cum-qty-is-amended-to-it": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        replace 7000            ; pending_replace[new]              10000     0 10000
        trade B 8000 @ 100      ; pending_replace[partially_filled] 10000  8000  2000
        replaced                ; filled                             8000  8000     0 100
        """,
}

SEQUENCES = {
    "D.1.a-D15-two-replaces-both-accepted": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        trade C 500 @ 100       ; pending_replace[partially_filled] 10000  1500  8500
        replaced                ; partially_filled                   8000  1500  6500
        trade D 2000 @ 100      ; partially_filled                   8000  3500  4500
        replace 6000            ; pending_replace[partially_filled]  8000  3500  4500
        pending-replace         ; pending_replace[partially_filled]  8000  3500  4500
        trade E 500 @ 100       ; pending_replace[partially_filled]  8000  4000  4000
        replaced                ; partially_filled                   6000  4000  2000
        trade F 2000 @ 100      ; filled                             6000  6000     0 100
        """,
    "D.1.b-D16-first-replace-rejected-before-it-is-pending": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        replace-reject          ; partially_filled                  10000  1000  9000
        trade C 500 @ 100       ; partially_filled                  10000  1500  8500
        trade D 2000 @ 100      ; partially_filled                  10000  3500  6500
        replace 6000            ; pending_replace[partially_filled] 10000  3500  6500
        pending-replace         ; pending_replace[partially_filled] 10000  3500  6500
        replaced                ; partially_filled                   6000  3500  2500
        trade E 1500 @ 100      ; partially_filled                   6000  5000  1000
        """,
    "D.1.c-D17-first-replace-rejected-after-it-is-pending": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        trade C 500 @ 100       ; pending_replace[partially_filled] 10000  1500  8500
        replace-reject          ; partially_filled                  10000  1500  8500
        trade D 2000 @ 100      ; partially_filled                  10000  3500  6500
        replace 6000            ; pending_replace[partially_filled] 10000  3500  6500
        pending-replace         ; pending_replace[partially_filled] 10000  3500  6500
        replaced                ; partially_filled                   6000  3500  2500
        trade E 1500 @ 100      ; partially_filled                   6000  5000  1000
        """,
    "D.1.c-D17-both-replaces-rejected": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replace-reject          ; partially_filled                  10000  1000  9000
        replace 6000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replace-reject          ; partially_filled                  10000  1000  9000
        """,
    # Chaining. The desk sends no second request before the first is answered: what a broker makes
    # of two differs from broker to broker, as D.2.a, D.2.b and D.2.d show.
    "D.2.a-D18-second-replace-is-held-until-the-first-is-done": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        replace-held 7000       ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replaced                ; partially_filled                   8000  1000  7000
        replace 7000            ; pending_replace[partially_filled]  8000  1000  7000
        pending-replace         ; pending_replace[partially_filled]  8000  1000  7000
        replaced                ; partially_filled                   7000  1000  6000
        trade C 6000 @ 100      ; filled                             7000  7000     0 100
        """,
    "D.2.b-D19-reports-of-the-replace-before-are-no-answers-to-the-next": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replaced                ; partially_filled                   8000  1000  7000
        replace 7000            ; pending_replace[partially_filled]  8000  1000  7000
        pending-replace 2       ; pending_replace[partially_filled]  8000  1000  7000
        replaced 2              ; pending_replace[partially_filled]  8000  1000  7000
        replaced 3              ; partially_filled                   7000  1000  6000
        trade C 6000 @ 100      ; filled                             7000  7000     0 100
        """,
    "D.2.c-D20-both-replaces-rejected-one-after-the-other": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        replace-held 7000       ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replace-reject          ; partially_filled                  10000  1000  9000
        replace 7000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replace-reject          ; partially_filled                  10000  1000  9000
        trade C 6000 @ 100      ; partially_filled                  10000  7000  3000
        """,
    "D.2.d-D21-second-replace-is-refused-while-one-is-pending": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        pending-replace         ; pending_replace[partially_filled] 10000  1000  9000
        replace-held 7000       ; pending_replace[partially_filled] 10000  1000  9000
        replaced                ; partially_filled                   8000  1000  7000
        trade C 2000 @ 100      ; partially_filled                   8000  3000  5000
        """,
    # A cancel never waits: it may overtake a replace (not in the appendix; its precedences say so).
    "cancel-while-pending-replace-then-canceled": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        trade B 1000 @ 100      ; partially_filled                  10000  1000  9000
        replace 8000            ; pending_replace[partially_filled] 10000  1000  9000
        cancel                  ; pending_cancel[partially_filled]  10000  1000  9000
        replaced                ; pending_cancel[partially_filled]   8000  1000  7000
        trade C 500 @ 100       ; pending_cancel[partially_filled]   8000  1500  6500
        canceled                ; canceled                           8000  1500     0
        """,
    "cancel-while-pending-replace-rejected-and-the-replace-still-waits": """
        enter 10000             ; pending_new                       10000     0 10000
        ack                     ; new                               10000     0 10000
        replace 8000            ; pending_replace[new]              10000     0 10000
        cancel                  ; pending_cancel[new]               10000     0 10000
        cancel-reject           ; pending_replace[new]              10000     0 10000
        replaced                ; new                                8000     0  8000
        """,
}

MATRICES = {**VANILLA, **CANCEL, **REPLACE_QTY, **SEQUENCES}


@pytest.mark.parametrize("script", MATRICES.values(), ids=MATRICES)
def test_order_goes_as_the_matrix_says(script: str) -> None:
    play(script)
