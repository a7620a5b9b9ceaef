"""One record, several spellings of its id."""

_ENDINGS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def spellings(text: str) -> tuple[str, ...]:
    """Return how systems may have written an id that a person copied from somewhere.

    Salesforce shows ids of 15 characters in places and of 18 in others; the last three say which of the first fifteen
    are capitals (Salesforce help, "ID Field Type").
    """
    if len(text) != 15 or not (text.isascii() and text.isalnum()):
        return (text,)
    parts = (text[start : start + 5] for start in (0, 5, 10))
    ending = "".join(_ENDINGS[sum(char.isupper() << place for place, char in enumerate(part))] for part in parts)
    return (text, text + ending)
