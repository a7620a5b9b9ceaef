"""Bulk API: what jobs have in common, and the way of those of version 2.0 through their states.

A job's work is done in slices, so that the event loop stays responsive and each state can be seen: for
`org.bulk_delay` seconds a job is in UploadComplete, and at least as long in InProgress.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.org import Org
from sandbox.salesforce.stamps import stamp

_LIFE = timedelta(days=7)  # for which a job and its results are kept [DOC]


class BatchFailed(Exception):
    """The whole job fails: its data or its query cannot be worked on at all."""


@dataclass
class Job:
    """One job. Results are kept with it; the task that works on it is not part of its state."""

    kind: ClassVar[str] = ""  # jobType

    key: str
    operation: str
    object: str
    version: str
    created: str
    created_by: str
    line_ending: str = "LF"
    delimiter: str = "COMMA"
    state: str = "Open"
    modified: str = ""
    error: str | None = None
    retries: int = 0
    milliseconds: int = 0
    task: asyncio.Task[None] | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:  # noqa: D105
        return {**self.__dict__, "task": None}

    @property
    def ended(self) -> bool:
        return self.state in ("JobComplete", "Failed", "Aborted")

    @property
    def waiting(self) -> bool:
        """There is work to be done on the job."""
        return self.state in ("UploadComplete", "InProgress")

    @property
    def chunked(self) -> bool:
        """PK chunking, which only jobs of the older Bulk API know."""
        return False

    async def run(self, org: Org) -> None:
        """From UploadComplete, or from where a snapshot found the job, to the end."""
        try:
            await asyncio.sleep(org.bulk_delay)
            if self.ended:
                return
            began = org.clock.now()
            if self.state == "UploadComplete":
                self.enter(org, "InProgress")
                await asyncio.sleep(org.bulk_delay)
            await self.work(org)
            self.milliseconds += max(0, int((org.clock.now() - began).total_seconds() * 1000))
            if not self.ended:
                self.enter(org, "JobComplete")
        except BatchFailed as failure:
            self.error = str(failure)
            self.enter(org, "Failed")
        except Exception as bug:  # a hole in the simulation must not look like a job that never ends
            self.error = f"InternalServerError : {type(bug).__name__}: {bug}"
            self.enter(org, "Failed")
            raise

    async def work(self, org: Org) -> None:
        """Do what the job is for; when called again after a restore, go on."""
        raise NotImplementedError

    def shown(self) -> dict[str, Any]:
        """The keys that all jobs show in all replies."""
        return {
            "id": self.key,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.created_by,
            "createdDate": self.created,
            "systemModstamp": self.modified or self.created,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }

    def enter(self, org: Org, state: str) -> None:
        self.state, self.modified = state, org.stamp()


def start(org: Org, job: Job) -> None:
    """Work on a job in the background."""
    job.task = asyncio.get_running_loop().create_task(job.run(org))


def resume(org: Org) -> None:
    """After a restore: work on the jobs that were waiting or in progress goes on. Needs a running event loop."""
    for job in org.jobs.values():
        if job.waiting:
            start(org, job)


def kept(org: Org) -> dict[str, Job]:
    """The org's jobs, after those that are too old were forgotten. Jobs lie in the order of their creation."""
    oldest = stamp(org.clock.now() - _LIFE)
    while org.jobs:
        key, job = next(iter(org.jobs.items()))
        if job.created >= oldest:
            break
        if job.task is not None:
            job.task.cancel()
        del org.jobs[key]
    return org.jobs


def delete(org: Org, job: Job) -> None:
    """Raises SalesforceError while the job is open or in progress."""
    if job.state not in ("UploadComplete", "JobComplete", "Aborted", "Failed"):
        text = f"Error encountered when deleting the job because the job is {job.state}"
        raise SalesforceError("API_ERROR", text)
    if job.task is not None:
        job.task.cancel()
    del org.jobs[job.key]
