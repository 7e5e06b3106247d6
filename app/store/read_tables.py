"""The read tables' columns, and their rows taken from the models; each column names an attribute.

Written out here rather than asked of `models.tables`, whose import costs half a second; a test
holds the two together.
"""

from __future__ import annotations

from operator import attrgetter

ORDER_COLUMNS = (
    "order_id",
    "command_id",
    "desk",
    "trader",
    "symbol",
    "side",
    "qty",
    "order_type",
    "account",
    "venue",
    "time_in_force",
    "status",
    "created_ts",
    "updated_ts",
    "limit_px",
    "stop_px",
    "leaves_qty",
    "cum_qty",
    "avg_px",
    "last_px",
    "last_qty",
    "arrival_px",
    "cl_ord_id",
    "version",
    "reason",
)
EXECUTION_COLUMNS = (
    "exec_id",
    "order_id",
    "desk",
    "symbol",
    "side",
    "account",
    "qty",
    "px",
    "ts",
    "venue",
)
ALERT_COLUMNS = (
    "alert_id",
    "desk",
    "severity",
    "rule",
    "text",
    "ts",
    "trader",
    "order_id",
    "note",
    "state",
    "acknowledged_by",
)

# An enum is taken by its plain value: a database driver adapts subclasses of str slowly.
_ENUMS = frozenset({"side", "order_type", "time_in_force", "status", "severity", "state"})


def _getter(columns: tuple[str, ...]) -> attrgetter[tuple[object, ...]]:
    return attrgetter(*(f"{name}._value_" if name in _ENUMS else name for name in columns))


order_values = _getter(ORDER_COLUMNS)
execution_values = _getter(EXECUTION_COLUMNS)
alert_values = _getter(ALERT_COLUMNS)
