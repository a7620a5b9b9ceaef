"""Marketing e-mails and what became of them, in agreement with the contacts' counts of opens and clicks."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import to_ms
from sandbox.scenarios.model import Record

FIRST_CAMPAIGN = 5_001
DAYS = 30
Happened = tuple[str, int, int]  # type, ms since the epoch, place among the e-mails
_ADDRESS = re.compile(r"[^@\s;:]+@[^@\s;:]+\.[a-z]+")


def email_events(
    spec: Mapping[str, Any], rows: list[dict[str, str]], now: datetime, rng: random.Random
) -> list[Record]:
    """Events `{type, recipient, created, emailCampaignId, campaignName}` of the last 30 days, in order of time.

    Who has no count of opens gets no e-mail. Each contact is sent one to `sent_per_contact` e-mails, evenly spread.
    """
    names = [email["name"] for email in spec.get("emails", ())]
    many = int(spec.get("sent_per_contact", 6))
    out = spec.get("opted_out", {})
    first, last = to_ms(now - timedelta(days=DAYS)), to_ms(now)
    found: list[Record] = []
    for row in rows if names else ():
        if "hs_email_open" not in row or "email" not in row:
            continue
        opted_out = bool(out) and all(row.get(name, "") in values for name, values in out.items())
        asked = to_ms(datetime.fromisoformat(row.get("inquiry_at", row["createdate"])))
        since = max(first, to_ms(datetime.fromisoformat(row["createdate"])))
        until = max(since + 1, asked) if opted_out else last
        sent = range(1 + int(rng.random() * many))
        moments = sorted(since + int(rng.random() * (until - since)) for _ in sent)
        mails = [(at, int(rng.random() * len(names))) for at in moments]
        happened = _story(row, mails, until, rng)
        if opted_out:
            happened.append(("STATUSCHANGE", until, mails[-1][1]))
        found += (
            {
                "type": kind,
                "recipient": row["email"],
                "created": created,
                "emailCampaignId": FIRST_CAMPAIGN + mail,
                "campaignName": names[mail],
            }
            for kind, created, mail in happened
        )
    found.sort(key=lambda event: (event["created"], event["recipient"]))
    return found


def _story(row: dict[str, str], mails: list[tuple[int, int]], until: int, rng: random.Random) -> list[Happened]:
    """What happened to the e-mails that one contact was sent."""
    opens = int(row["hs_email_open"])
    clicks = int(row.get("hs_email_click") or opens * rng.random() * 0.6)
    if not opens and not _ADDRESS.fullmatch(row["email"]):
        return [("DROPPED", *mails[0])]
    arrived = "DELIVERED" if opens or row["email"].lower().endswith("example.org") else "BOUNCE"
    events: list[Happened] = [("SENT", *mail) for mail in mails]
    events += [(arrived, min(until, at + 2_000), mail) for at, mail in mails]
    for kind, times in (("OPEN", opens), ("CLICK", clicks)):
        for _ in range(times):
            at, mail = mails[int(rng.random() * len(mails))]
            # Most open within hours; nobody before it arrived, nobody after now.
            events.append((kind, min(until, at + 3_000 + int(rng.random() ** 3 * 172_800_000)), mail))
    return events
