"""Nobody trades what, or for whom, they are not entitled to."""

from __future__ import annotations

import pytest

from app.compliance.rules.entitlement import check
from models.instruments import AssetClass
from models.limits import Limit, Outcome
from models.parties import Role
from tests.builders import bond, instrument, proposal, terms, trader


@pytest.mark.parametrize("role", [Role.TRADER, Role.DESK_HEAD])
def test_entitlement_of_those_who_trade_passes(role: Role) -> None:
    assert check(proposal(trader=trader(role=role)), Limit()).outcome is Outcome.PASS


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.OPS, Role.AUDITOR])
def test_entitlement_of_other_roles_is_refused(role: Role) -> None:
    found = check(proposal(trader=trader(role=role)), Limit())
    assert found.outcome is Outcome.HARD
    assert found.text == (
        f"alice is {role.value}, who may not send orders. Ask a trader of the desk."
    )


def test_entitlement_of_unknown_people_is_refused() -> None:
    found = check(proposal(trader=None, login="mallory"), Limit())
    assert found.outcome is Outcome.HARD
    assert found.text == "mallory is not known at this desk. Ask operations for a login."


@pytest.mark.parametrize(
    ("accounts", "list_of_them"), [(("INCOME", "INDEX"), "INCOME, INDEX"), ((), "none")]
)
def test_entitlement_to_another_account_is_refused(
    accounts: tuple[str, ...], list_of_them: str
) -> None:
    found = check(proposal(trader=trader(accounts=accounts)), Limit())
    assert found.outcome is Outcome.HARD
    assert found.text == (
        f"alice may not trade for account GROWTH; entitled to {list_of_them}. Choose one of those."
    )


def test_entitlement_to_another_asset_class_is_refused() -> None:
    shares_only = trader(asset_classes=(AssetClass.SHARE, AssetClass.ETF))
    asked = proposal(terms(symbol="UST10Y"), instrument=bond(), trader=shares_only)
    found = check(asked, Limit())
    assert found.outcome is Outcome.HARD
    assert found.text == (
        "alice may not trade government bonds such as UST10Y. Pass the order to a trader who may."
    )


@pytest.mark.parametrize("kind", list(AssetClass))
def test_entitlement_to_each_asset_class_is_its_own(kind: AssetClass) -> None:
    person = trader(asset_classes=(AssetClass.ETF,))
    asked = proposal(instrument=instrument(asset_class=kind), trader=person)
    passes = check(asked, Limit()).outcome is Outcome.PASS
    assert passes is (kind is AssetClass.ETF)
