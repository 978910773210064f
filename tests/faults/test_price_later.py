"""A price given on the command line after the start is the one that resume goes on with."""

from servers.openai_server import FaultServer, model_policy
from support.shell import peersim
from support.studies import simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel

STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
PRICE = "model.price={input: 1, output: 2}"


def test_resume_goes_on_after_a_price_was_given(tmp_path):
    with FaultServer(STAND_IN) as server:
        common = (
            *("model=openai/stand-in", "model.send_seed=true", "tracking=none", "replicates=4"),
            *("hydra.run.dir=run", f"model.base_url={server.base_url}"),
        )
        assert peersim("run", *common, "budget.tokens=15000", cwd=tmp_path).returncode == 4
        dear = peersim("run", *common, PRICE, "budget.usd=0.04", cwd=tmp_path)
        assert dear.returncode == 4, dear.stderr
        assert "peersim resume" in dear.stderr
        rest = peersim("resume", "run", "--budget-usd", "50", cwd=tmp_path)
    assert rest.returncode == 0, rest.stderr
    assert "openai/stand-in price null -> " in peersim("status", "run", cwd=tmp_path).stdout
