"""Pre-trade compliance: the rule book and its rules, one small file each (pure)."""
