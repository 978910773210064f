"""Which of many cases alike run each time, and on how many examples a property is tried."""

from hypothesis import settings


def spread(cases, wanted):
    """The places of so many cases: far apart, and as different in their last part as they can be.

    Where one part varies within another, each value of the outer one comes before any comes twice.
    """
    if wanted >= cases:
        return set(range(cases))
    step = cases / wanted
    return {int(n * step) + n % max(1, int(step)) for n in range(wanted)}


def examples(number):
    """Try a property on so many examples; without the slow tests, on fewer in proportion."""
    usual = settings.get_profile("any_machine").max_examples
    return settings(max_examples=number * settings.default.max_examples // usual)
