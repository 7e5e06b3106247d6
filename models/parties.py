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


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A client account that orders are placed for.

    `beneficial_owner` is who owns what is in it, where that is not the client: orders of one
    owner must not trade with each other.
    """

    code: str
    name: str
    client: str
    beneficial_owner: str = ""

    @property
    def owner(self) -> str:
        """Who owns what is traded for it."""
        return self.beneficial_owner or self.client


class Trader(msgspec.Struct, frozen=True, kw_only=True):
    """A person's entitlements: the accounts and asset classes that they may trade."""

    login: str
    name: str
    desk: str
    role: Role
    accounts: tuple[str, ...]
    asset_classes: tuple[AssetClass, ...]
