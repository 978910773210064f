"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# A busy machine draws slowly, and no test is about time.
settings.register_profile(
    "any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any_machine")


def pytest_collection_modifyitems(items):
    """Begin with the files that hold slow tests, so that none is left for one worker at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
