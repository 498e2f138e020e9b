"""Where the units of a pass are done: in processes of this machine, or on Ray."""

import logging
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from typing import Any, Protocol

from pipeline.archive.plan import CHECK
from pipeline.archive.work import Maker
from pipeline.crew import Died, Processes
from pipeline.records import Stop

MOST_DEATHS = 25  # of the processes of one unit: each pair of deaths sets one item aside
NO_RAY = "--address needs Ray, which is not installed: pip install 'xabar[scale]'; without --address this machine does it"


class Pool(Protocol):
    """Does units of work."""

    def each(self, leg: str, numbers: Sequence[int]) -> Iterator[int]:
        """The numbers in the order in which they are done. Raises Stop."""
        ...


def choose_pool(maker: Maker, jobs: int, address: str | None) -> Pool:
    """Ray where an address is given. Else processes of this machine, one for each core if `jobs` is 0. Raises Stop."""
    return Cluster(maker, address) if address else Local(maker, jobs or os.cpu_count() or 1)


class Local:
    """Processes of this machine."""

    def __init__(self, maker: Maker, jobs: int) -> None:
        self._maker = maker
        self._jobs = jobs

    def each(self, leg: str, numbers: Sequence[int]) -> Iterator[int]:
        """The numbers as they are done; a unit whose process died is begun again, without the item that killed it twice."""
        if not numbers:
            return
        deaths: Counter[int] = Counter()
        with Processes(min(self._jobs, len(numbers)), self._maker.make, (CHECK, 0)) as crew:
            waiting = {crew.hand_over(leg, [number]): number for number in numbers}
            while waiting:
                for done in wait(waiting, return_when=FIRST_COMPLETED).done:
                    number = waiting.pop(done)
                    try:
                        done.result()
                    except Died as error:
                        deaths[number] += 1
                        if deaths[number] >= MOST_DEATHS:
                            raise Stop(f"{leg} {number}: its process ended {MOST_DEATHS} times, lastly {error}") from error
                        waiting[crew.hand_over(leg, [number])] = number
                        continue
                    yield number


class Cluster:
    """Ray Data: one actor for each processor of the cluster, with its models loaded once. `address` as `ray.init` takes it."""

    def __init__(self, maker: Maker, address: str) -> None:
        self._maker = maker
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise Stop(NO_RAY) from error
        self._ray: Any = ray
        if not ray.is_initialized():
            where = None if address == "local" else address
            try:
                ray.init(address=where, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise Stop(f"--address {address}: no Ray answers there ({error}); 'ray start --head' makes one") from error

    def each(self, leg: str, numbers: Sequence[int]) -> Iterator[int]:
        """The numbers as they are done; Ray begins a unit again whose actor died."""
        if not numbers:
            return
        ray = self._ray
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        ray.data.DataContext.get_current().enable_progress_bars = False
        actors = min(len(numbers), max(1, int(ray.cluster_resources().get("CPU", 1))))
        rows = ray.data.from_items([{"number": number} for number in numbers], override_num_blocks=len(numbers))
        compute = ray.data.ActorPoolStrategy(size=actors)
        for row in rows.map(Actor, fn_constructor_args=(self._maker, leg), compute=compute, num_cpus=1).iter_rows():
            if row["stop"]:
                raise Stop(row["stop"])
            yield int(row["number"])


class Actor:
    """What Ray keeps alive: one process with its models."""

    def __init__(self, maker: Maker, leg: str) -> None:
        self._work = maker.make()
        self._leg = leg

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """One unit."""
        try:
            self._work(self._leg, [int(row["number"])])
        except Stop as error:
            return {"number": row["number"], "stop": str(error)}
        return {"number": row["number"], "stop": ""}
