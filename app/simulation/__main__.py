"""`python -m app.simulation [MODE] SEED…`: run seeds, and print what each came to."""

from __future__ import annotations

import sys

from app.simulation.run import Mode, simulate


def main(seeds: list[str]) -> int:
    """Run each seed; the number of those with violations is the exit code."""
    bad = 0
    mode = Mode(seeds.pop(0)) if seeds and seeds[0] in list(Mode) else Mode.HEAL
    for seed in seeds or ["1"]:
        result = simulate(int(seed), mode=mode)
        bad += bool(result.violations)
        print(
            f"seed {result.seed}: {result.commands} commands, {result.events} events, "
            f"{result.takeovers} takeovers, {len(result.violations)} violations, "
            f"{result.state_hash[:16]}"
        )
        print("  faults:", ", ".join(f"{name} {n}" for name, n in result.faults.items()))
        print("  seen:", ", ".join(f"{name} {n}" for name, n in result.seen.items()))
        for violation in result.violations:
            print("  VIOLATION:", violation)
    return min(bad, 125)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
