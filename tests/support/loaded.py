"""All that the command line loads for a run, loaded: for the server that forks processes."""

from importlib import import_module

from peersim.models.litellm import load_litellm

for name in (
    *("hydra_plugins.peersim_launcher", "peersim.cli", "peersim.config.launch"),
    *("peersim.commands.run", "peersim.commands.gates", "peersim.commands.finish"),
    *("peersim.agents.assistant", "peersim.models.simulated.model", "peersim.analysis.contrasts"),
):
    import_module(name)
load_litellm()
