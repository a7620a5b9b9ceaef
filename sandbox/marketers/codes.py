"""What people do, how often, and the words they use. All of it is invented."""

from __future__ import annotations

from typing import Any

from sandbox.sales.draw import Choices

#: What a contact who has a turn does.
TURN = Choices({
    "receive": 34, "open": 26, "click": 9, "bounce": 1.5, "report_spam": 0.3,
    "submit_form": 9, "register": 9,
    "unsubscribe_one": 2.2, "unsubscribe_all": 1.5,
    "correct": 4.5, "move_stage": 3,
})  # fmt: skip

#: What becomes of a registration when the webinar takes place; who stays away does nothing.
WEBINAR = Choices({"attend": 58, "cancel": 9, "stay_away": 33})

NEWCOMERS = 0.05  # new people at the forms, as a share of the contacts that had a turn; at least one
IMPORTED = (3, 8)

FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dev", "Eli", "Fay", "Gus", "Hana", "Ivo", "June", "Kai", "Lena")
LAST_NAMES = ("Abbot", "Baird", "Castro", "Dunn", "Ellery", "Fisk", "Garza", "Holt", "Ines", "Joyce", "Kerr", "Lund")
CORRECTIONS: dict[str, tuple[str, ...]] = {
    "phone": ("+1 312 555 0101", "(312) 555-0142", "312-555-0177"),
    "city": ("Evanston", "Oak Park", "Naperville"),
    "jobtitle": ("Office manager", "Nurse practitioner", "Practice owner"),
    "lastname": LAST_NAMES,
}
#: What a form may ask for, and what somebody says of whom that is not known.
ASKED = {"firstname": "Sam", "lastname": "Smith", "phone": "312-555-0199"}
STAGES = ("subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead")

LINKS = ("https://www.example.org/services", "https://www.example.org/events", "https://www.example.org/referrals")
PAGES = (("https://www.example.org/contact", "Contact us"), ("https://www.example.org/guide", "Guide"))

#: The forms that the team makes where the portal has none.
FORMS: tuple[dict[str, Any], ...] = tuple(
    {
        "id": guid,
        "name": name,
        "fieldGroups": [
            {
                "groupType": "default_group",
                "fields": [
                    {"name": "email", "label": "E-mail", "required": True, "fieldType": "email"},
                    {"name": "firstname", "label": "First name", "fieldType": "single_line_text"},
                    {"name": "lastname", "label": "Last name", "fieldType": "single_line_text"},
                ],
            }
        ],
    }
    for guid, name in (
        ("b0f6a1c2-5a7e-4c1d-8f3b-6d61726b0001", "Contact us"),
        ("b0f6a1c2-5a7e-4c1d-8f3b-6d61726b0002", "Download the guide"),
    )
)
