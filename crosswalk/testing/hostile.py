"""Text that real portals hold and that breaks careless code. Needs hypothesis (a development dependency).

``TEXTS`` are named cases, for a parametrised test; the strategies mix them with generated ones.
"""

from hypothesis import strategies as st

TEXTS: dict[str, str] = {
    "emoji": "👩🏽‍⚕️ Dr. Ana 🩺",
    "emoji beyond the basic plane only": "🏥" * 20,
    "right to left": "عيادة الدكتور كوهين שלום",
    "direction override": "gpj.\u202eexe",
    "combining accents": "Zoe\u0308 Nguye\u0302\u0303n",
    "zero width": "Ana\u200bMaria\ufeff",
    "no-break space": "Ana\u00a0Maria",
    "quotes": 'O\'Brien "Bob" `x` ’',
    "backslash": "C:\\new\\table \\u0041 \\",
    "line breaks": "first\nsecond\r\nthird\rfourth\u2028fifth",
    "tabs and commas": "a,b;c\td|e",
    "csv quote at the edge": '"quoted"',
    "only spaces": "   ",
    "space around": "  padded  ",
    "leading zeros": "00123",
    "number that loses digits as a float": "12345678901234567890",
    "number in exponent form": "1E5",
    "date that a spreadsheet would rewrite": "1-2",
    "word for nothing": "null",
    "marker for nothing": "#N/A",
    "not a number": "NaN",
    "boolean word": "TRUE",
    "formula": "=cmd|'/c calc'!A0",
    "formula with plus": "+1+1",
    "formula with at": "@SUM(1,1)",
    "NUL": "before\0after",
    "control characters": "bell\x07 escape\x1b[31m",
    "mojibake": "JosÃ© GarcÃ\xada",
    "replacement character": "Jos\ufffd",
    "markup": "<b>bold</b> &amp; <script>alert(1)</script>",
    "query text": "'; DROP TABLE contacts; -- ' OR 1=1",
    "template": "{{ contact.email }} {0} %s ${HOME}",
    "path": "../../etc/passwd",
    "list in a string": "a;b;;c;",
    "very long": "x" * 65_536,
    "long in bytes": "é" * 32_000,
}
"""What to call it -> the text."""

EMAILS: dict[str, str] = {
    "plus tag": "ana+webinar@example.org",
    "upper case": "ANA.LOPEZ@EXAMPLE.ORG",
    "spaces around": " ana@example.org ",
    "quote": "o'brien@example.org",
    "international": "josé@exämple.org",
    "two addresses": "a@example.org;b@example.org",
    "no domain": "ana@",
    "trailing dot": "ana@example.org.",
    "display name": "Ana Lopez <ana@example.org>",
    "mailto": "mailto:ana@example.org",
    "very long": f"{'a' * 64}@{'b' * 63}.{'c' * 63}.example.org",
}
"""What to call it -> a value of an e-mail property, good or bad."""


def texts(*, longest: int = 200) -> st.SearchStrategy[str]:
    """Any text that survives UTF-8, with the named cases drawn often."""
    named = st.sampled_from([text for text in TEXTS.values() if len(text) <= longest])
    return named | st.text(st.characters(codec="utf-8"), max_size=longest)


def emails() -> st.SearchStrategy[str]:
    """Addresses, half of them of the named kinds."""
    return st.sampled_from(list(EMAILS.values())) | st.emails()
