"""Engines to test: processes of this machine, and a Ray cluster of two nodes on this machine's loopback."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from src.config.environment import set_variable
from src.config.settings import SystemSettings
from src.pipeline.engine import EXECUTORS
from src.pipeline.engine.executor import Executor

NO_RAY = "Ray is not installed (pip install -r requirements-ray.txt)"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A head and a second node with a core each."""
    if find_spec("ray") is None:
        pytest.skip(NO_RAY)
    set_variable("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    node = {"num_cpus": 1, "object_store_memory": 100_000_000, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    cluster.add_node(num_cpus=1, object_store_memory=100_000_000)
    yield cluster
    cluster.shutdown()


@pytest.fixture(params=["local", pytest.param("ray", marks=pytest.mark.slow)])
def system(request: pytest.FixtureRequest) -> SystemSettings:
    """The settings of each engine."""
    if request.param == "local":
        return SystemSettings()
    return SystemSettings(engine="ray", ray_address=request.getfixturevalue("cluster").address)


@pytest.fixture
def executor(system: SystemSettings) -> Iterator[Executor]:
    executor = EXECUTORS[system.engine](system, 2)
    yield executor
    executor.close()
