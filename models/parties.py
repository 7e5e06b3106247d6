"""Who trades, and for whom."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from models.instruments import AssetClass


class Role(StrEnum):
    """What a person may do at the desk."""

    TRADER = "trader"
    DESK_HEAD = "desk_head"
    COMPLIANCE = "compliance"
    OPS = "ops"
    AUDITOR = "auditor"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A client account that orders are placed for."""

    code: str
    name: str
    client: str


class Trader(msgspec.Struct, frozen=True, kw_only=True):
    """A person's entitlements: the accounts and asset classes that they may trade."""

    login: str
    name: str
    desk: str
    role: Role
    accounts: tuple[str, ...]
    asset_classes: tuple[AssetClass, ...]
