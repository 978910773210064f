"""Writes the stand-ins calibrated to the published cells: conf/model/stand_in/*.yaml."""

from pathlib import Path

import yaml

from peersim.analysis.calibration import calibrated, calibrated_models

FOLDER = Path(__file__).resolve().parents[1] / "conf" / "model" / "stand_in"
HEAD = """\
# A stand-in for {model}: NOT the model. Chances planted from the published table of
# arXiv 2604.19784, so that the instrument can be shown to give that table back. Cells without a
# published figure are at nothing. Made by scripts/calibrate.py; do not edit.
defaults:
  - /model/base@_here_
  - _self_
ref: simulated/stand-in-{model}
"""


def main() -> None:
    """Write all files."""
    FOLDER.mkdir(exist_ok=True)
    for model in calibrated_models():
        profile = {"profile": {"protect": {"full": 0.0}, "cells": calibrated(model)}}
        body = yaml.safe_dump(profile, sort_keys=True, width=100)
        (FOLDER / f"{model}.yaml").write_text(HEAD.format(model=model) + body, encoding="utf-8")


if __name__ == "__main__":
    main()
