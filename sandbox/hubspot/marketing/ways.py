"""Every way into marketing's endpoints; of two that fit, the first is taken."""

from __future__ import annotations

from sandbox.hubspot.calls import Way
from sandbox.hubspot.marketing import (
    attendance_calls,
    behaviour_calls,
    email_calls,
    form_calls,
    marketing_email_calls,
    marketing_event_calls,
    submission_calls,
    subscription_calls,
    subscription_v3_calls,
)

WAYS: list[Way] = [
    *form_calls.WAYS,
    *submission_calls.WAYS,
    *email_calls.WAYS,
    *marketing_email_calls.WAYS,
    *attendance_calls.WAYS,
    *marketing_event_calls.WAYS,
    *subscription_v3_calls.WAYS,
    *subscription_calls.WAYS,
    *behaviour_calls.WAYS,
]
