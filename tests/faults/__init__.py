"""Faults of the machine, made for real: a full disk, a failing one, a clock that jumps, no descriptors left."""
