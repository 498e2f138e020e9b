"""Who does the pure stages: this process alone, or several. Chunks come back in order, and a process that dies costs one page.

A thread here serves each process: it hands over a chunk, waits for the answer, hands over the next. So of a process that dies
(out of memory, a fault in a native library) it is known what it was working on.
"""

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import Empty, PriorityQueue
from types import TracebackType
from typing import Any, Protocol

from pipeline.records import Quarantined, Stop

CHUNK_ITEMS, CHUNK_CHARACTERS = 4, 20_000  # handed over at once; what a dead process had in its hands is tried again one by one
FEWEST_ITEMS = 64  # about what one process does while another one starts
URGENT, SOON, LAST = 0, 1, 2

Work = Callable[[str, Sequence[Any]], list[Any]]  # (leg of the road, items) -> as many items, in order
Answer = Callable[[], list[Any]]  # waits, and gives the items in order


class Crew(Protocol):
    """Does a leg of the road on a batch. `ahead`: how many batches may be under way."""

    ahead: int

    def start(self, leg: str, items: Sequence[Any], *, urgent: bool = False) -> Answer:
        """Begin; the answer is asked for when its turn has come."""
        ...

    def __enter__(self) -> "Crew": ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Alone:
    """Everything in this process, when its answer is asked for."""

    ahead = 0

    def __init__(self, make: Callable[[], Work]) -> None:
        self._work = make()

    def start(self, leg: str, items: Sequence[Any], *, urgent: bool = False) -> Answer:  # noqa: ARG002  nothing is under way
        """Nothing happens before the answer is asked for."""
        return partial(self._work, leg, items)

    def __enter__(self) -> "Alone":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Died(Exception):
    """A process ended in the middle of a chunk; the message says how."""


@dataclass(order=True, slots=True)
class _Task:
    rank: tuple[int, int]
    leg: str = field(compare=False)
    items: Sequence[Any] = field(compare=False)
    done: "Future[list[Any]]" = field(compare=False, default_factory=Future)


class Processes:
    """`jobs` processes, each with models of its own; `make` (picklable) builds there what does the work.

    An item that kills its process twice is quarantined, after `sample` (a leg and an item that every process must survive) has
    shown that the processes as such are sound. Raises Stop when they are not.
    """

    def __init__(self, jobs: int, make: Callable[[], Work], sample: tuple[str, Any]) -> None:
        self.ahead = 2 * jobs
        self._make = make
        self._sample = sample
        self._threads_each = max(1, (os.cpu_count() or 1) // jobs)
        self._tasks: PriorityQueue[_Task] = PriorityQueue()
        self._numbers = count()
        self._closing = self._given_up = False
        self._hired: list[BaseProcess] = []
        self._threads = [threading.Thread(target=self._serve, name=f"crew-{n}", daemon=True) for n in range(jobs)]

    def __enter__(self) -> "Processes":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        for _thread in self._threads:
            self.hand_over("", (), LAST)
        for process in list(self._hired):
            process.terminate()  # idle, or its answer is no longer wanted
        for thread in self._threads:
            thread.join()

    def start(self, leg: str, items: Sequence[Any], *, urgent: bool = False) -> Answer:
        """Hand the items out in chunks; urgent ones pass what is waiting."""
        rank = URGENT if urgent else SOON
        waiting = [(chunk, self.hand_over(leg, chunk, rank)) for chunk in cut(items)]
        return lambda: [item for chunk, done in waiting for item in self._finish(leg, chunk, done)]

    def hand_over(self, leg: str, items: Sequence[Any], rank: int = SOON) -> "Future[list[Any]]":
        """One chunk for one process; the future raises Died if the process does not survive it."""
        task = _Task((rank, next(self._numbers)), leg, items)
        self._tasks.put(task)
        if self._given_up:
            self._refuse()
        return task.done

    def _finish(self, leg: str, chunk: Sequence[Any], done: "Future[list[Any]]") -> list[Any]:
        try:
            return done.result()
        except Died:
            if len(chunk) == 1:
                return [self._try_again(leg, chunk[0])]
        waiting = [(item, self.hand_over(leg, [item], URGENT)) for item in chunk]
        return [found for item, single in waiting for found in self._finish(leg, [item], single)]

    def _try_again(self, leg: str, item: Any) -> Any:
        try:
            return self.hand_over(leg, [item], URGENT).result()[0]
        except Died as error:
            why = str(error)
        try:
            self.hand_over(self._sample[0], [self._sample[1]], URGENT).result()
        except Died as error:
            raise Stop(f"the processes of --jobs do not even survive the built-in sample ({error}); try --jobs 1") from error
        return Quarantined(item.id, leg, f"the process that worked on this page alone ended twice: {why}")

    def _serve(self) -> None:
        try:
            while not self._closing:
                self._serve_process(*self._hire())
        finally:
            if not self._closing:  # no process can be started: nobody must wait for an answer that does not come
                self._given_up = True
                self._refuse()

    def _serve_process(self, process: BaseProcess, pipe: Connection) -> None:
        """Hand over task after task until the process dies or nothing is left to do."""
        while True:
            task = self._tasks.get()
            if self._closing:
                break
            try:
                pipe.send((task.leg, task.items))
                answer = pipe.recv()
            except (EOFError, OSError):
                process.join()
                task.done.set_exception(Died(_say_end(process.exitcode)))
                break
            except (pickle.PicklingError, AttributeError, TypeError) as error:
                answer = Stop(f"{task.leg}: a chunk cannot be handed to another process ({error}); try --jobs 1")
            if isinstance(answer, Stop):
                task.done.set_exception(answer)
            else:
                task.done.set_result(answer)
        process.terminate()
        process.join()
        pipe.close()

    def _refuse(self) -> None:
        with suppress(Empty):
            while True:
                self._tasks.get_nowait().done.set_exception(Stop("no further process could be started; try --jobs 1"))

    def _hire(self) -> tuple[BaseProcess, Connection]:
        # Spawned, not forked: a fork would copy locks that other threads hold.
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(
            target=_work, args=(there, pickle.dumps(self._make), self._threads_each), name="xabar-stages", daemon=True
        )
        process.start()
        there.close()
        self._hired.append(process)
        return process, here


def count_jobs(wanted: int, items: int) -> int:
    """How many processes: `wanted`, or one for each core if 0, but only one for so few items that starting more takes longer."""
    return (wanted or os.cpu_count() or 1) if items >= FEWEST_ITEMS else 1


def cut(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Chunks of few items and, where they have a text, of about equal length."""
    start = characters = 0
    for place, item in enumerate(items):
        length = len(getattr(item, "text", ""))
        if place > start and (place - start >= CHUNK_ITEMS or characters + length > CHUNK_CHARACTERS):
            yield items[start:place]
            start, characters = place, 0
        characters += length
    if start < len(items):
        yield items[start:]


def _work(pipe: Connection, pickled: bytes, threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ["OMP_NUM_THREADS"] = str(threads)  # before numpy and onnxruntime, which read it when they are imported
    work: Work = pickle.loads(pickled)()  # noqa: S301  made by the process that started this one
    while True:
        try:
            leg, items = pipe.recv()
        except EOFError:  # the process that started this one is gone
            return
        try:
            pipe.send(work(leg, items))
        except Stop as error:
            pipe.send(error)


def _end_with_parent() -> None:
    """A process whose parent was killed ends at once: somebody may run the command again, and nobody reads its answer."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _say_end(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"killed by {signal.Signals(-exitcode).name}"
    return f"exit status {exitcode}"
