"""Reading ahead: the vendor answers the next question while the hub works on the last answer."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from crosswalk.ports import Cursor, Page

MOST = 2
"""Pages that are asked for before anybody has taken them."""


class Ahead:
    """Pages of one window, asked for in a thread of their own while they are taken.

    Who stops in the middle leaves no thread and no question behind: at most the one under way is waited for. Pages
    that nobody has taken by then are kept for who goes on at ``position``. An error comes in its page's place.
    """

    def __init__(self, pages: Iterator[Page], start: Cursor) -> None:
        self.position = start
        self._pages = pages
        self._asked: deque[Future[Page | None]] = deque()

    @property
    def goes_on(self) -> bool:
        """Whether there is anything left to take, now that nobody is taking."""
        return self.position.until is not None and not any(one.exception() for one in self._asked)

    def __iter__(self) -> Iterator[Page]:
        """Take the pages, from where the last taker stopped."""
        with ThreadPoolExecutor(1) as thread:
            try:
                while True:
                    self._ask(thread)
                    page = self._asked[0].result()
                    if page is None:
                        return
                    self._asked.popleft()
                    self._ask(thread)
                    self.position = page.cursor
                    yield page
            finally:
                self._asked = deque(one for one in self._asked if not one.cancel())

    def _ask(self, thread: ThreadPoolExecutor) -> None:
        while len(self._asked) < MOST:
            self._asked.append(thread.submit(next, self._pages, None))
