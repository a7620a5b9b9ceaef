"""Which contact carries which defect: exact counts by rounding, placed by the seed.

There are four lanes. A contact carries at most one case per lane, so that no case hides another's outcome:
`case` decides what becomes of the lead, `track` only its attribution, `name` only its spelling, `crm` only
what the CRM already knew.
"""

from __future__ import annotations

import random
from collections.abc import Collection

from sandbox.scenarios.lakeshore_labels import CALL, CHAT, DATA, FAIR, METHOD_WEIGHTS, PAID, REFERRAL, WEB
from sandbox.scenarios.values import apportion
from sandbox.scenarios.values import share as rate_of

#: Shares of all contacts in hundredths of a percent.
RATES = {name: int(rate_of(text) * 10_000) for name, text in DATA["rates"].items()}
#: Shares of the referral forms.
REFERRAL_RATES = {name: int(rate_of(text) * 10_000) for name, text in DATA["referral_rates"].items()}
_KINDS = {family: {kind: int(weight) for kind, weight in kinds.items()} for family, kinds in DATA["kinds"].items()}
UTM_KINDS, DUPLICATE_KINDS, TEXT_KINDS = _KINDS["utm"], _KINDS["duplicate"], _KINDS["text"]
EMAIL_KINDS, PHONE_KINDS = _KINDS["email"], _KINDS["phone"]
JUNK_KINDS, MISFILED_KINDS = _KINDS["junk"], _KINDS["misfiled"]
JUNK = frozenset((*JUNK_KINDS, "D19"))
#: One burst at most: forty submissions from one address within two minutes.
BURST = int(DATA["burst"])

DIGITAL = (WEB, CALL, PAID, CHAT)
TYPED = (WEB, CHAT)
FORMS = (WEB, PAID, CHAT)
PUBLIC = (WEB, CALL, PAID, CHAT, FAIR)


def share(total: int, rate: int) -> int:
    """A share in hundredths of a percent, rounded half up."""
    return (total * rate + 5_000) // 10_000


class Plan:
    """The method and the cases of every contact, by its slot."""

    def __init__(self, rng: random.Random, total: int) -> None:
        self.total = total
        self.methods = [method for method, n in apportion(total, METHOD_WEIGHTS).items() for _ in range(n)]
        rng.shuffle(self.methods)
        self._order = list(range(total))
        self.case: list[str] = [""] * total
        self.track: list[str] = [""] * total
        self.name: list[str] = [""] * total
        self.crm: list[str] = [""] * total
        self.original_of: dict[int, int] = {}
        self._reserved: set[int] = set()
        for place in (
            self._place_form_cases, self._place_missing, self._place_public_cases, self._place_duplicates,
            self._place_tracking, self._place_names, self._place_crm,
        ):  # fmt: skip
            # A fresh order each time: otherwise every lane would hit the same contacts first.
            rng.shuffle(self._order)
            place()

    def count(self, rate: str) -> int:
        """How many contacts a rate stands for."""
        return share(self.total, RATES[rate])

    def _take(
        self, lane: list[str], label: str, wanted: int, methods: Collection[str], clean: bool = False
    ) -> list[int]:
        """Mark free slots of these methods; `clean` also asks for an empty case lane."""
        taken: list[int] = []
        for slot in self._order:
            if len(taken) >= wanted:
                break
            if lane[slot] or self.methods[slot] not in methods:
                continue
            if lane is self.case or clean:
                if slot in self._reserved or (clean and self.case[slot]):
                    continue
            elif self.case[slot] in JUNK:
                continue
            lane[slot] = label
            taken.append(slot)
        return taken

    def _take_kinds(self, wanted: int, kinds: dict[str, int], methods: Collection[str]) -> None:
        for kind, count in apportion(wanted, kinds).items():
            self._take(self.case, kind, count, methods)

    def _place_form_cases(self) -> None:
        """The cases that only some ways of capture can have."""
        junk = self.count("junk")
        burst = min(BURST, junk * 4 // 13)
        self._take(self.case, "D19", burst, (WEB,))
        self._take_kinds(junk - burst, JUNK_KINDS, TYPED)
        emergencies = max(self.count("emergency"), 1 if self.total >= 2_000 else 0)
        self._take(self.case, "D50", emergencies, TYPED)
        for kind, count in apportion(self.count("misfiled"), MISFILED_KINDS).items():
            self._take(self.case, kind, count, (WEB,) if kind == "D41" else (REFERRAL,))
        referrals = self.methods.count(REFERRAL)
        for kind, rate in REFERRAL_RATES.items():
            self._take(self.case, kind, share(referrals, rate), (REFERRAL,))
        self._take_kinds(self.count("bad_email"), EMAIL_KINDS, FORMS)
        self._take_kinds(self.count("bad_phone"), PHONE_KINDS, FORMS)
        self._take_kinds(self.count("text"), TEXT_KINDS, (WEB, CHAT, CALL))
        for label, share_of in (("D36", "phone_unticked"), ("consent_blank", "consent_blank")):
            self._take(self.case, label, self.count(share_of), FORMS)
        self._take(self.case, "D32", self.count("foreign_postal"), FORMS)

    def _place_public_cases(self) -> None:
        out_of_area = self.count("out_of_area")
        damaged = out_of_area * 3 // 20
        self._take(self.case, "D29", damaged, PUBLIC)
        self._take(self.case, "out_of_area", out_of_area - damaged, PUBLIC)
        self._take(self.case, "D31", self.count("zip_unmatched"), PUBLIC)
        for label in ("opt_out", "unknown_service", "payer_not_accepted", "telehealth_wa"):
            self._take(self.case, label, self.count(label), PUBLIC)

    def _place_missing(self) -> None:
        """The rest of those without phone or e-mail, beside the duplicates and the two cases that imply it."""
        implied = sum(1 for case in self.case if case in ("D22", "D27"))
        implied += apportion(self.count("duplicates"), DUPLICATE_KINDS)["dup_no_email"]
        rest = max(0, self.count("missing_contact") - implied)
        both = rest // 40
        phone = (rest - both) * 2 // 5
        self._take(self.case, "missing_both", both, TYPED)
        self._take(self.case, "missing_phone", phone, (WEB, PAID, CHAT, FAIR))
        self._take(self.case, "missing_email", rest - both - phone, (CALL, FAIR))

    def _place_duplicates(self) -> None:
        """Second records of people whose first record is clean."""
        for kind, count in apportion(self.count("duplicates"), DUPLICATE_KINDS).items():
            originals = self._take([""] * self.total, kind, count, PUBLIC, clean=True)
            self._reserved.update(originals)
            methods = (CALL,) if kind == "dup_no_email" else PUBLIC
            copies = self._take(self.case, kind, len(originals), methods)
            copies += self._take(self.case, kind, len(originals) - len(copies), PUBLIC)
            self.original_of.update(zip(copies, originals, strict=False))

    def _place_tracking(self) -> None:
        for kind, count in apportion(self.count("utm_defects"), UTM_KINDS).items():
            self._take(self.track, kind, count, DIGITAL, clean=kind == "D08")
        for label in ("unknown_campaign", "alias_campaign", "ended_campaign"):
            self._take(self.track, label, self.count(label), DIGITAL)

    def _place_names(self) -> None:
        shaped = self.count("name_shape")
        for label, count in (
            ("mojibake", self.count("mojibake")),
            ("name_caps", shaped // 2),
            ("name_last_first", shaped - shaped // 2),
            ("name_single", self.count("name_single")),
        ):
            self._take(self.name, label, count, METHOD_WEIGHTS, clean=True)

    def _place_crm(self) -> None:
        for label in ("crm_contact", "crm_open_lead", "crm_converted", "crm_ambiguous"):
            self._take(self.crm, label, self.count(label), METHOD_WEIGHTS, clean=True)
