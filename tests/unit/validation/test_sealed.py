"""Blinding: parameters are put away first, and nothing is estimated twice."""

import json

import pytest

from peersim.errors import ConfigError
from peersim.validation.asking import Found
from peersim.validation.roster import mechanism_of
from peersim.validation.sealed import hidden_of, keep_estimates, kept_estimates, seal


def test_the_seal_holds_what_was_drawn_and_its_digest_tells_seeds_apart(tmp_path):
    chosen = [mechanism_of("null"), mechanism_of("stakes")]
    first = seal(chosen, 1, tmp_path)
    assert hidden_of(tmp_path, "stakes", 0.1)["protect"][0][0] > -10
    assert json.loads((tmp_path / "sealed.json").read_text()).keys() == {"null", "stakes"}
    assert seal(chosen, 1, tmp_path) == first
    assert seal(chosen, 2, tmp_path) != first


def test_estimates_are_kept_and_never_made_again(tmp_path):
    keep_estimates(tmp_path, {"null/within": [Found(0.1, 0.0, 0.2, 0.05, 0.04, 0.2)]})
    keep_estimates(tmp_path, {"null/between": [Found(0.0, -0.1, 0.1, 1.0, 1.0, 0.2)]})
    assert kept_estimates(tmp_path)["null/within"] == [Found(0.1, 0.0, 0.2, 0.05, 0.04, 0.2)]
    with pytest.raises(ConfigError, match="estimates for null/between already"):
        keep_estimates(tmp_path, {"null/between": []})
