"""The doctor makes a real call on request, and says what to do when none comes back."""

import pytest
import yaml
from rich.console import Console
from servers.openai_server import FaultServer, always, bad_parameter, unauthorised, wrong_address
from servers.openai_wire import reply_of
from support.models import tools
from support.shell import peersim

from peersim.commands import shipped
from peersim.models.money import Usage

KEY = "sk-planted-1234567890abcdef"
ANSWER = tools(("say_number", {"number": 7})).model_copy(
    update={"usage": Usage(input_tokens=80, output_tokens=9), "served_model": "m-2026-01"}
)


def examined(policy, cwd, *more, **env):
    with FaultServer(policy) as server:
        address = f"model.base_url={server.base_url}"
        done = peersim(
            *("doctor", "--call", "hosted_vllm/m", "--set", address, *more), cwd=cwd, **env
        )
        return done, server.ledger


def test_a_model_that_answers_is_told_with_what_it_used(tmp_path):
    price = "model.price={input: 1.0, output: 2.0}"
    done, ledger = examined(always(ANSWER), tmp_path, "--set", price)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hosted_vllm/m answered in" in done.stdout
    assert "as m-2026-01: 80 tokens in, 9 out, $0.000098" in done.stdout
    assert "did not call the tool" not in done.stdout
    assert len(ledger) == 1
    assert ledger[0].body["max_tokens"] == 1024
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("setting", "limit"),
    [
        ("model.max_tokens=300", 300),
        ("model.max_tokens=4096", 1024),
        ("+model.extra.thinking={type: enabled, budget_tokens: 2000}", None),
    ],
)
def test_the_question_stays_cheap_and_leaves_room_for_a_budget_of_thinking(
    tmp_path, setting, limit
):
    done, ledger = examined(always(ANSWER), tmp_path, "--set", setting)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ledger[0].body.get("max_tokens") == limit


def test_an_answer_that_met_the_limit_is_not_taken_for_one_without_tools(tmp_path):
    cut = ANSWER.model_copy(update={"tool_calls": (), "content": "Let me", "finish": "length"})
    done, _ = examined(always(cut), tmp_path)
    assert "cut before it called the tool" in done.stdout
    assert "did not call the tool" not in done.stdout


def test_without_a_call_each_shipped_model_is_checked_and_no_key_is_said(tmp_path):
    done = peersim("doctor", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "kimi-k2.5: moonshot/kimi-k2.5, served by moonshot, price known" in done.stdout
    assert "gemini-3-pro: gemini/gemini-3-pro-preview, served by gemini, price unknown" in (
        done.stdout
    )
    assert "all is well" not in done.stdout
    assert "only stand-ins and servers of your own can be used" in done.stdout
    again = peersim("doctor", cwd=tmp_path, ZAI_API_KEY=KEY)
    assert "all is well" in again.stdout
    assert KEY not in again.stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ref": "nobody/x", "key_env": "K"}, "LiteLLM knows no provider of nobody/x"),
        ({"ref": "openai/x"}, "names no variable for its key"),
        (
            {"ref": "moonshot/kimi-k2.5", "key_env": "K", "temperature": 0.5},
            "takes no temperature",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(tmp_path, monkeypatch, settings, said):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    monkeypatch.setattr(shipped, "conf_dir", lambda: tmp_path)
    (problem,) = shipped.check_models(Console(quiet=True))
    assert "conf/model/mine.yaml: " in problem
    assert said in problem


def test_an_unknown_price_and_another_model_are_said(tmp_path):
    other = ANSWER.model_copy(update={"served_model": "other", "tool_calls": (), "content": "7"})
    done, _ = examined(always(other), tmp_path)
    assert "price unknown" in done.stdout
    assert "not the model asked for" in done.stdout
    assert "did not call the tool" in done.stdout


def test_a_model_that_does_not_say_its_name_is_not_called_another(tmp_path):
    def nameless(body, n):
        return reply_of(body, ANSWER) | {"model": ""}

    done, _ = examined(nameless, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not the model asked for" not in done.stdout


def test_a_cost_that_nobody_knows_is_not_nothing(tmp_path):
    silent = ANSWER.model_copy(update={"usage": Usage()})
    price = "model.price={input: 1.0, output: 2.0}"
    done, _ = examined(always(silent), tmp_path, "--set", price)
    assert "usage unknown, cost unknown" in done.stdout


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (unauthorised(f"bad key {KEY}"), "check the key"),
        (unauthorised(f"bad key {KEY}"), "auth (with the key in MY_KEY: "),
        (unauthorised(f"bad key {KEY} [/v1]"), "bad key [secret] [/v1]"),
        (bad_parameter(), "check the model"),
        (wrong_address(), "as from a wrong address (see model.base_url; most end in /v1)"),
    ],
)
def test_a_refusal_is_a_problem_with_what_to_do(tmp_path, fault, said):
    done, ledger = examined(always(fault), tmp_path, "--set", "model.key_env=MY_KEY", MY_KEY=KEY)
    assert done.returncode == 1
    assert said in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert KEY in ledger[0].authorization
    assert "Traceback" not in done.stdout + done.stderr


def test_a_key_may_come_from_a_named_file(tmp_path):
    keys = tmp_path / "keys"
    keys.write_text(f"# mine\n\nexport MY_KEY='{KEY}'\n", encoding="utf-8")
    keys.chmod(0o644)
    done, ledger = examined(
        *(always(ANSWER), tmp_path, "--set", "model.key_env=MY_KEY"), PEERSIM_KEYS_FILE=str(keys)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert ledger[0].authorization == f"Bearer {KEY}"
    assert "chmod 600" in done.stdout
    assert KEY not in done.stdout


@pytest.mark.parametrize("content", [None, "sk-not-a-line-of-a-key-file"])
def test_a_key_file_that_cannot_be_used_is_named_and_never_shown(tmp_path, content):
    keys = tmp_path / "keys"
    if content:
        keys.write_text(content, encoding="utf-8")
    done = peersim("doctor", cwd=tmp_path, PEERSIM_KEYS_FILE=str(keys))
    assert done.returncode == 1
    assert str(keys) in done.stdout.replace("\n", "")
    assert "sk-not" not in done.stdout


def test_a_key_that_cannot_be_sent_is_a_problem_and_a_line_break_is_none(tmp_path):
    done = peersim("doctor", cwd=tmp_path, ZAI_API_KEY=f"{KEY}\n", NOVITA_API_KEY="sk-plant\u00e4d")
    assert done.returncode == 1
    assert "the key in NOVITA_API_KEY holds" in done.stdout
    assert "ZAI_API_KEY holds" not in done.stdout
    assert "sk-plant" not in done.stdout
    done, ledger = examined(
        *(always(ANSWER), tmp_path, "--set", "model.key_env=MY_KEY"), MY_KEY=f"{KEY}\nx"
    )
    assert done.returncode == 1
    assert "the key in MY_KEY holds" in done.stdout
    assert ledger == []


def test_an_unknown_model_is_named(tmp_path):
    done = peersim("doctor", "--call", "no-such-model", cwd=tmp_path)
    assert done.returncode == 1
    assert "no-such-model" in done.stdout
