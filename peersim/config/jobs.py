"""One job of a sweep, gone through as Hydra's own ``run_job`` does, at a fifth of its time.

Hydra copies a job's configuration six times and writes it out whole. Of a sweep's jobs nearly all
is alike, so here what is alike is written out once; the files are Hydra's, byte for byte. What a
job has beyond files (callbacks, logging, an environment or a directory of its own) Hydra does.
"""

import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import (
    JobReturn,
    JobRuntime,
    JobStatus,
    configure_log,
    filter_overrides,
    run_job,
)
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from peersim.config.composing import copied
from peersim.config.pages import Pages

Plain = dict[str, Any]
_log = logging.getLogger(__name__)


class Jobs:
    """Goes through the jobs of a sweep, one after the other."""

    def __init__(self, context: HydraContext, task: TaskFunction, master: DictConfig) -> None:
        """Begin with nothing written.

        Args:
            context: Hydra's own, with its loader and the callbacks.
            task: What is done with the configuration of each job.
            master: The configuration of the sweep.
        """
        self._context = context
        self._task = task
        self._master = master
        self._pages = Pages()

    def __call__(self, number: int, overrides: Sequence[str]) -> JobReturn:
        """Return what came of a job.

        Raises:
            Exception: What the task raised, where Hydra would go through the jobs after it first.
        """
        _log.info(f"\t#{number} : {' '.join(filter_overrides(overrides))}")
        config = self._context.config_loader.load_sweep_config(self._master, list(overrides))
        with open_dict(config):
            config.hydra.job.id = number
            config.hydra.job.num = number
        plain = cast(Plain, OmegaConf.to_container(config, resolve=False, enum_to_str=True))
        if self._master.hydra.callbacks or not _quiet(plain["hydra"]):
            return self._by_hydra(config)
        before = HydraConfig.instance().cfg
        # Hydra sets a copy of its part; where no callback is, nobody else has this one.
        HydraConfig.instance().cfg = cast(HydraConf, config)
        OmegaConf.set_readonly(config.hydra, True)
        try:
            return self._quickly(config, plain)
        finally:
            HydraConfig.instance().cfg = before

    def _by_hydra(self, config: DictConfig) -> JobReturn:
        done = run_job(
            hydra_context=self._context,
            task_function=self._task,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )
        configure_log(self._master.hydra.hydra_logging, self._master.hydra.verbose)
        return done

    def _quickly(self, config: DictConfig, plain: Plain) -> JobReturn:
        hydra = config.hydra
        place = (str(OmegaConf.select(config, f"hydra.sweep.{key}")) for key in ("dir", "subdir"))
        directory = Path(os.path.abspath(os.path.join(*place)))
        with read_write(hydra.runtime), open_dict(hydra.runtime):
            hydra.runtime.output_dir = plain["hydra"]["runtime"]["output_dir"] = str(directory)
        directory.mkdir(parents=True, exist_ok=True)
        if hydra.output_subdir is not None:
            self._write(plain, directory / hydra.output_subdir)
        own = copied(config)
        with read_write(own), open_dict(own):
            del own["hydra"]
        overrides = plain["hydra"]["overrides"]["task"]
        done = JobReturn(overrides, own, config, os.getcwd())
        with contextlib.ExitStack() as stack:
            stack.push(partial(_name, overrides))
            done.return_value, done.status = self._task(own), JobStatus.COMPLETED
        done.task_name = JobRuntime.instance().get("name")
        return done

    def _write(self, plain: Plain, kept: Path) -> None:
        kept.mkdir(parents=True, exist_ok=True)
        own = {key: value for key, value in plain.items() if key != "hydra"}
        for name, text in (
            ("config.yaml", self._pages.of(own)),
            ("hydra.yaml", self._pages.of({"hydra": plain["hydra"]})),
            ("overrides.yaml", OmegaConf.to_yaml(plain["hydra"]["overrides"]["task"])),
        ):
            (kept / name).write_text(text, encoding="utf-8")


def _quiet(hydra: Plain) -> bool:
    """Return whether a job asks for nothing but its files; what interpolates counts as asking.

    Whoever does not say where a job works has it stay where it is, as of Hydra 1.2.
    """
    logs = [hydra["job_logging"], hydra["hydra_logging"]]
    silent = all(isinstance(log, dict) and log.get("root", 1) is None for log in logs)
    asked = hydra["callbacks"] or hydra["verbose"] or hydra["job"]["chdir"]
    return silent and not asked and not hydra["job"]["env_set"]


def _name(overrides: Sequence[str], kind: type[BaseException] | None, *_: object) -> None:
    """Name the job that an error is of, as Hydra does."""
    if kind and issubclass(kind, Exception):
        sys.stderr.write(f"Error executing job with overrides: {overrides}{os.linesep}")
