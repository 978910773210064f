"""What holds for all tests."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings
from support.few import spread

# A busy machine draws slowly, and no test is about time.
settings.register_profile(
    "any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# Without the slow tests, a property that does not say of how many examples is tried on fewer.
settings.register_profile("quick", settings.get_profile("any_machine"), max_examples=40)


def pytest_configure(config):
    settings.load_profile("quick" if config.option.markexpr == "not slow" else "any_machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Begin with the files that hold slow tests, so that none is left for one worker at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    _mark_all_but_few(items)


def _mark_all_but_few(items):
    """Mark as slow the cases of a test beyond those few that its marker ``few`` asks for."""
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("few") and not item.get_closest_marker("slow"):
            cases[item.path, item.originalname].append(item)
    for alike in cases.values():
        kept = spread(len(alike), *alike[0].get_closest_marker("few").args)
        for place, item in enumerate(alike):
            if place not in kept:
                item.add_marker(pytest.mark.slow)
