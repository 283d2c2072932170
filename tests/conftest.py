"""Shared by all tests: a derandomised hypothesis, and every recipe's sample built once."""

import os
import signal
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell in the background hands that down, and a child that is to end by it never would.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@cache
def _built():
    from emotriage.testing import build_recipe, recipes

    return {recipe.name: (recipe, build_recipe(recipe)) for recipe in recipes() if not recipe.giant}


@pytest.fixture(scope="session")
def samples():
    """{recipe name: (recipe, bytes)} of all samples that fit in memory."""
    return _built()


@cache
def _plain(name):
    from emotriage import scan

    recipe, data = _built()[name]
    return scan(data, name=recipe.file, plugins=[])


@pytest.fixture(scope="session")
def plain_of():
    """The verdict on a recipe's sample without passwords, limits or plugins, by its name: made once a worker."""
    return _plain


@pytest.fixture(scope="session")
def shard_of(samples):
    """Every n-th of the samples from one on, the costly ones dealt out, so that two workers share a law."""
    dealt = sorted(samples, key=lambda name: (-len(samples[name][1]), name))
    return lambda first, step: {name: samples[name] for name in sorted(dealt[first::step])}


@pytest.fixture
def common():
    """A folder that everybody may enter; those of pytest are closed to all but their owner."""
    with tempfile.TemporaryDirectory() as path:
        folder = Path(path)
        folder.chmod(0o755)
        yield folder


@contextmanager
def unprivileged():
    """Root may do everything; within this block it is somebody else."""
    root = not os.geteuid()
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
