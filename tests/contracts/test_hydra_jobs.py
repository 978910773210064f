"""A job of a sweep leaves, sees and returns what it would with Hydra's own launcher."""

import contextlib
import hashlib
import inspect
import logging
import os
import shutil
import sys
from pathlib import Path

import hydra
import pytest
from hydra._internal.core_plugins.basic_launcher import BasicLauncher
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import env_override, run_job
from omegaconf import OmegaConf

import peersim.config.jobs
from hydra_plugins.peersim_launcher import PeersimLauncher
from peersim.config.models import conf_dir

# Written like anything a user may give: quoted, long, foreign, empty, and more than it seems.
ODD = (
    "+odd={a b: [1, '2', null, yes, 'no', 1e3, '1e3', '', true], 3: {}, 4.5: [], true: [[], {}],"
    " x: 'žluť 𝄞 \u2028 #x: y', ref: '${hydra:job.num}', on: '?', text: '"
    + "word and word " * 20
    + "'}"
)
SWEPT = ("memory=none,verbatim", "circumstances.stakes=none,shutdown", "persona.peer=neutral")
ASKED_NOTHING = (
    (),
    (ODD,),
    ("hydra.sweep.subdir='${hydra.job.override_dirname}/../a_${hydra.job.num}'",),
    (
        "hydra.sweep.subdir='${memory.kind}/${circumstances.stakes}'",
        "hydra.job.name=mine",
        "seed=7",
    ),
    ("hydra.output_subdir=kept/deep", "model=openai/gpt-5.2", "~task.rounds"),
    ("hydra.output_subdir=null",),
    ("hydra.sweeper.max_batch_size=3", "roster.background=[Aspen,Hazel]"),
)
ASKED_MORE = (
    ("hydra.job.chdir=true",),
    ("+hydra.job.env_set.TOLD=it",),
    ("hydra/job_logging=default", "hydra/hydra_logging=default"),
    ("hydra.verbose=[peersim]",),
    ("+hydra.callbacks.mine._target_=told.Callback",),
)
CALLBACK = """
from pathlib import Path

from hydra.experimental.callback import Callback as Base

class Callback(Base):
    def on_job_start(self, config, task_function, **kwargs):
        Path(config.hydra.runtime.output_dir, "began").write_text(str(config.hydra.job.num))

    def on_job_end(self, config, job_return, **kwargs):
        Path(config.hydra.runtime.output_dir, "ended").write_text(str(job_return.status))
"""


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """Sweep with a task; return the files left, and what the task saw in each job."""
    (tmp_path / "told.py").write_text(CALLBACK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")

    def go(*overrides, task=lambda config: None):
        seen = []

        def job(config):
            seen.append(sight(config))
            return task(config)

        line = ["peersim", "-m", "hydra.sweep.dir=sweep", *overrides]
        monkeypatch.setattr(sys, "argv", line)
        shutil.rmtree("sweep", ignore_errors=True)
        with contextlib.chdir(tmp_path):
            hydra.main(version_base="1.3", config_path=str(conf_dir()), config_name="config")(job)()
        places = [path for path in (tmp_path / "sweep").rglob("*") if path.is_file()]
        return {path.relative_to(tmp_path): path.read_bytes() for path in places}, seen

    root = logging.getLogger()
    before, handlers = root.level, root.handlers[:]
    yield go
    root.setLevel(before)
    root.handlers[:] = handlers


def sight(config):
    """What a task can see of its job."""
    own = HydraConfig.get()
    odd = config.get("odd")
    return (
        OmegaConf.to_yaml(config),
        OmegaConf.to_container(OmegaConf.masked_copy(own, ["job", "runtime", "overrides"])),
        (own.sweep.dir, own.sweep.subdir, str(own.mode), odd and odd.ref),
        (
            OmegaConf.is_struct(config),
            OmegaConf.is_readonly(config),
            OmegaConf.is_struct(config),
            OmegaConf.is_readonly(config),
            OmegaConf.is_readonly(own),
        ),
        (os.getcwd(), os.environ.get("TOLD")),
    )


@pytest.fixture
def by_hydra(monkeypatch):
    """Count the jobs that are left to Hydra."""
    left = []

    def counted(**given):
        left.append(given)
        return run_job(**given)

    monkeypatch.setattr(peersim.config.jobs, "run_job", counted)
    return left


@pytest.mark.few(5)
@pytest.mark.parametrize("asked", [*ASKED_NOTHING, *ASKED_MORE], ids=" ".join)
def test_a_sweep_leaves_and_sees_what_it_would_with_hydra_s_launcher(
    asked, swept, by_hydra, monkeypatch
):
    found, seen = swept(*SWEPT, *asked)
    assert len(by_hydra) == (4 if asked in ASKED_MORE else 0)
    assert len(seen) == 4
    monkeypatch.delattr(PeersimLauncher, "launch")
    monkeypatch.delattr(PeersimLauncher, "setup")
    expected, would = swept(*SWEPT, *asked)
    assert seen == would
    assert found == expected
    assert len(found) > 4 or asked == ("hydra.output_subdir=null",)


def test_what_a_job_raises_is_raised_and_its_job_is_named(swept, capsys, monkeypatch):
    def fails(config):
        if config.memory.kind == "verbatim":
            raise LookupError("not today")

    monkeypatch.setattr(HydraConfig.instance(), "cfg", None)
    with pytest.raises(LookupError, match="not today"):
        swept("memory=none,verbatim,summary", task=fails)
    assert "Error executing job with overrides: ['memory=verbatim']" in capsys.readouterr().err
    assert sorted(path.name for path in Path("sweep").glob("?")) == ["0", "1"]
    assert not HydraConfig.initialized()


def test_a_moment_is_the_same_for_all_jobs_of_a_sweep(swept, tmp_path):
    swept("memory=none,verbatim", "hydra.sweep.dir='at_${now:%f}'")
    (sweep,) = tmp_path.glob("at_*")
    assert sorted(path.name for path in sweep.iterdir()) == ["0", "1", "multirun.yaml"]


def test_hydra_is_the_one_that_was_retraced():
    """If this fails, Hydra has changed what ``peersim/config/jobs.py`` does in its place.

    Compare the two, mend ours, and only then put the new digest here.
    """
    retraced = (BasicLauncher.launch, run_job, env_override, HydraConfig)
    text = "".join(map(inspect.getsource, retraced))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "421f858b25085729"
