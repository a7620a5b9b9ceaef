"""Sentences that salespeople leave in free text. Some say what a hub must not pass on: invented, all of them."""

from sandbox.sales.draw import Choices, Draw

KINDS = Choices({"plain": 66, "phone": 16, "health": 12, "opt_out": 6})

_TEXTS = {
    "plain": (
        "Asked about opening hours and parking.",
        "Wants to know how long the waiting list is.",
        "Prefers mornings, works nights.",
        "Sent the brochure and the price list.",
        "Will talk to the office manager and come back to us.",
        "Good talk, follow up next week.",
        "Compares us with two others, decides this month.",
    ),
    "phone": (
        "Better reached at (312) 555-01{:02d}.",
        "New mobile 555-01{:02d}, the old number is dead.",
        "Call the front desk, 414-555-01{:02d}, and ask for the supervisor.",
    ),
    "health": (
        "Mentioned a knee replacement last spring.",
        "Was diagnosed with type 2 diabetes two years ago.",
        "Takes blood thinners since the stroke.",
        "Said that her depression has come back.",
    ),
    "opt_out": (
        "Please stop calling, take me off the list.",
        "Does not want any more e-mails from us.",
        "Asked to be removed from all mailings.",
    ),
}


def note(draw: Draw) -> tuple[str, str]:
    """A kind and a sentence of it. Phone numbers are of the range kept for fiction, 555-01xx."""
    kind = KINDS.at(draw.number())
    return kind, draw.one(_TEXTS[kind]).format(draw.whole(0, 99))
