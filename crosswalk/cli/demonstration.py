"""``crosswalk demo``: the main job on the embedded default, from nothing, with nothing left running."""


def demo() -> None:
    """Placeholder until the demo is wired."""
