"""What holds for all tests."""

from hypothesis import HealthCheck, settings

# A busy machine draws slowly, and no test is about time.
settings.register_profile(
    "any_machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any_machine")
