"""The client order ids that a venue has known an order by, one a version, and what became of each.

FIX tags 11 and 41: each replace names the id that it would take the place of.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class IdChain:
    """Attributes:
    known_as: the id that the venue knows the order by now, "" for none.
    """

    known_as: str = ""
    _links: list[tuple[str, str]] = field(default_factory=list)

    def routed(self, cl_ord_id: str) -> None:
        """The order was sent under its first id."""
        self.known_as = cl_ord_id
        self._links.append((cl_ord_id, ""))

    def asked(self, cl_ord_id: str) -> None:
        """A replace was sent under an id of its own."""
        self._links.append((cl_ord_id, "pending"))

    def taken(self) -> None:
        """The venue took the replace: it knows the order by the new id."""
        if self._links and self._links[-1][1] == "pending":
            self.known_as = self._links[-1][0]
            self._links[-1] = (self.known_as, "")

    def refused(self) -> None:
        """The venue refused the replace: the id before it stands."""
        if self._links and self._links[-1][1] == "pending":
            self._links[-1] = (self._links[-1][0], "refused")

    @property
    def words(self) -> str:
        """The whole chain: `O-1/1 → O-1/2 (refused) → O-1/3`."""
        return " → ".join(f"{name} ({fate})" if fate else name for name, fate in self._links)
