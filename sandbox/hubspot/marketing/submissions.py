"""Form submissions, and what one does to the contact who submits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from sandbox.clock import iso_ms
from sandbox.hubspot.index import Record
from sandbox.hubspot.marketing import contacts
from sandbox.hubspot.marketing.forms import Definition
from sandbox.hubspot.marketing.log import Log
from sandbox.hubspot.marketing.seeds import milliseconds
from sandbox.hubspot.marketing.submission_rules import Value, check, submitted_at, values_of
from sandbox.hubspot.marketing.subscriptions import FORM, SUBSCRIBED

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

FIRST_STAGE = "lead"  # of a contact that a form makes, where the form names none
_BASES = {
    "CUSTOMER": "Legitimate interest – existing customer",
    "LEAD": "Legitimate interest – prospect/lead",
}
_CONSENT = "Freely given consent from contact"


class Submission(NamedTuple):
    at: int
    number: int
    values: tuple[Value, ...]
    page: str


class Submissions:
    """What was submitted, per form."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._count = 0
        self.of_form: dict[str, Log[Submission]] = {}
        self.visitors: dict[str, int] = {}  # tracking cookie -> contact
        self._converted: set[tuple[int, str]] = set()  # contact, form: which forms somebody has submitted

    def load(self, seeds: Iterable[Mapping[str, Any]]) -> None:
        """Take `{form, submittedAt, values, pageUrl}`; they change no contact, a scenario's contacts know of them."""
        entries: dict[str, list[Submission]] = {}
        for seed in seeds:
            self._count += 1
            at, form = milliseconds(seed["submittedAt"]), str(seed["form"])
            entries.setdefault(form, []).append(
                Submission(at, self._count, _seeded(seed["values"]), str(seed.get("pageUrl") or ""))
            )
        self.of_form = {form: Log(several) for form, several in entries.items()}

    def __len__(self) -> int:
        """How many there are."""
        return sum(map(len, self.of_form.values()))

    def forget(self, email: str) -> None:
        """Nobody with this address ever submitted a form."""
        for log in self.of_form.values():
            log.drop(
                lambda one: any(name == "email" and value.strip().lower() == email for name, value, _ in one.values)
            )

    def submit(self, form: Definition, body: Mapping[str, Any], *, secure: bool) -> Record | None:
        """Take a submission; the contact is who has the address, else who has the cookie, else a new one.

        Raises SubmissionRefused with everything that is wrong.
        """
        values = values_of(body)
        schema = contacts.store_of(self._portal).schema
        check(form, body, values, schema, secure=secure)
        at, context = submitted_at(body, self._portal.clock.now_ms()), body.get("context") or {}
        record = self._contact(form, context, values)
        self._count += 1
        page = str(context.get("pageUri") or "")
        self.of_form.setdefault(form["id"], Log()).add(Submission(at, self._count, tuple(values), page))
        if record is None:
            return None
        self._note_conversion(form, record, str(context.get("pageName") or ""), at)
        self._note_consent(record, body.get("legalConsentOptions") or {})
        if page:
            self._portal.marketing.behaviour.visit(record.id, page, str(context.get("pageName") or ""), at)
        return record

    def _contact(self, form: Definition, context: Mapping[str, Any], values: list[Value]) -> Record | None:
        store = contacts.store_of(self._portal)
        properties = {
            name: value for name, value, kind in values if kind == "0-1" and value and name in store.schema.definitions
        }
        email, hutk = properties.get("email", ""), str(context.get("hutk") or "")
        record = contacts.by_email(self._portal, email) if email else None
        if record is None and hutk in self.visitors:
            # The known visitor gets the new address, unless the form says that it makes a new contact [DOC].
            known = contacts.by_id(self._portal, self.visitors[hutk])
            record = None if email and form["configuration"]["createNewContactForNewEmail"] else known
        stage = next(
            (one["value"] for one in form["configuration"]["lifecycleStages"] if one["objectTypeId"] == "0-1"), ""
        )
        if record is not None:
            stages = {"lifecyclestage": stage} if stage and "lifecyclestage" not in properties else {}
            record = store.update(record, {**properties, **stages}).record
        elif email:
            record = store.create({"lifecyclestage": stage or FIRST_STAGE, **properties}).record
        if record is not None and hutk:
            self.visitors[hutk] = record.id
        return record

    def _note_conversion(self, form: Definition, record: Record, page: str, at: int) -> None:
        """Names are `page: form` [3P]; a backdated submission does not take the place of a later one."""
        name, moment, known = f"{page}: {form['name']}" if page else form["name"], iso_ms(at), record.properties
        changes = {"num_conversion_events": contacts.counted(record, "num_conversion_events")}
        if (record.id, form["id"]) not in self._converted:
            self._converted.add((record.id, form["id"]))
            changes["num_unique_conversion_events"] = contacts.counted(record, "num_unique_conversion_events")
        if moment >= known.get("recent_conversion_date", ""):
            changes |= {"recent_conversion_event_name": name, "recent_conversion_date": moment}
        if moment < known.get("first_conversion_date", "9"):
            changes |= {"first_conversion_event_name": name, "first_conversion_date": moment}
        contacts.note(self._portal, record, changes)

    def _note_consent(self, record: Record, options: Mapping[str, Any]) -> None:
        """The legal basis, and a subscription for each box ticked; an opt-out stays, whatever is ticked [UNV]."""
        consent, interest = options.get("consent"), options.get("legitimateInterest")
        if consent is None and interest is None:
            return
        basis = _CONSENT if interest is None else _BASES.get(str(interest.get("legalBasis")), "")
        current = contacts.by_id(self._portal, record.id) or record
        contacts.note(self._portal, current, {"hs_legal_basis": basis} if basis else {})
        ticked = (consent or {}).get("communications") or [interest or {}]
        kept, email = self._portal.marketing.subscriptions, record.properties.get("email", "")
        for box in ticked:
            key = int(box.get("subscriptionTypeId") or 0)
            if box.get("value") and email and key in kept.types and kept.choice(email, key).status == "NOT_SPECIFIED":
                kept.choose(email, key, SUBSCRIBED, source=FORM, explanation=str(box.get("text") or ""))


def _seeded(values: Any) -> tuple[Value, ...]:
    """Values as the API shows them, or name to value."""
    if isinstance(values, dict):
        return tuple((name, str(value), "0-1") for name, value in values.items())
    return tuple((one["name"], str(one["value"]), str(one.get("objectTypeId", "0-1"))) for one in values)
