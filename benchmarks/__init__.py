"""How fast the hub is, and how fast a plain script is: `python -m benchmarks` from the root of the repository."""
