"""A planted key is nowhere: not in the store's packed texts, in logs, reports or W&B's files."""

import base64
import json
import re
import sqlite3
from urllib.parse import quote

import pytest
from servers.openai_server import Fault, FaultServer, model_policy, server_error, unauthorised
from servers.openai_wire import error_body
from support.shell import apart, peersim
from support.studies import simulated

from peersim.models.base import Endpoint
from peersim.models.simulated.model import SimulatedModel
from peersim.store.packing import pack, unpack
from peersim.store.view import RunView

KEY = "sk-planted-1234567890abcdef-the-end"
OTHER = "planted-value-without-any-shape-0815"
STARRED = "sk-plant**************-end"
ADDRESS_TOKEN = "t0ken-in-the-address-4711"
STAND_IN = model_policy(SimulatedModel(simulated(), Endpoint()))
SECRETS = (KEY, OTHER, STARRED, ADDRESS_TOKEN)


def texts(path):
    """Yield all that a file says: its bytes, and the texts packed in a store's columns."""
    yield path.read_bytes()
    if path.suffix != ".sqlite":
        return
    with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall()
        for (table,) in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):
                for value in row:
                    yield unpacked(value)


def unpacked(value):
    if isinstance(value, bytes):
        return unpack(value).encode()
    return str(value).encode()


def found_in(directory, secrets=SECRETS):
    """Return where which secret stands, in any of the forms a file may give it."""
    found = set()
    for path in sorted(directory.rglob("*")):
        if not path.is_file():
            continue
        for text in texts(path):
            found |= {(path.name, secret) for secret in secrets if secret.encode() in text}
    return found


def faults(n):
    """Errors that say the key back, in full, starred, and in a place of its own."""
    said = (
        unauthorised(f"Incorrect API key provided: {STARRED}."),
        Fault(
            "echo", 500, error_body(f"upstream said Authorization: Bearer {KEY}", "server_error")
        ),
        Fault("echo", 500, error_body(f"credential {OTHER} was not accepted", "server_error")),
        server_error(),
    )
    return said[n % len(said)]


@pytest.mark.slow
@pytest.mark.parametrize("last", ["echoed by a fault", "echoed at the end"])
def test_no_planted_secret_reaches_any_file_or_word(tmp_path, last):
    stopping = last == "echoed at the end"

    def policy(body, n):
        if stopping and n == 25:
            return unauthorised(f"Incorrect API key provided: {KEY}. Also {OTHER} and {STARRED}.")
        return faults(n) if n % 5 == 4 and n % 20 != 4 else STAND_IN(body, n)

    environment = {"MY_OWN_KEY": KEY, "SOME_SERVICE_TOKEN": OTHER, "WANDB_API_KEY": OTHER}
    said = []
    with FaultServer(policy) as server:
        address = server.base_url
        commands = [
            (
                *("run", "model=hosted_vllm/stand-in", "model.key_env=MY_OWN_KEY"),
                *(f"model.base_url={address}", "replicates=3", "hydra.run.dir=run"),
                *("retry.attempts=2", "retry.base_seconds=0.01", "max_invalid=1"),
                "tracking.mode=offline",
            ),
            ("status", "run"),
            ("show", "--run", "run"),
            ("rates", "run", "--json"),
            ("report", "run"),
            ("replay", "run"),
            ("track", "run"),
        ]
        for command in commands:
            done = apart(*command, cwd=tmp_path, **environment)
            said.append(done.stdout + done.stderr)
        assert any(KEY in served.authorization for served in server.ledger)
        assert any(served.outcome == "echo" for served in server.ledger) or stopping
    whole = "".join(said)
    assert "Traceback" not in whole, whole
    assert [secret for secret in SECRETS if secret in whole] == []
    assert found_in(tmp_path) == set()
    assert (tmp_path / "run" / "report.html").is_file() or stopping


ODD = r'pL4nt+/$(0815)[x]*?.^|"end'
BASIC = base64.b64encode(f"me:{ODD}".encode()).decode()
ODD_FORMS = (
    *(ODD, json.dumps(ODD)[1:-1], json.dumps(json.dumps(ODD))[3:-3], quote(ODD, safe="")),
    BASIC[4:-4],
)


@pytest.mark.parametrize("ref", ["openai/stand-in", "hosted_vllm/stand-in"])
def test_a_key_that_a_server_says_back_in_replies_and_in_other_forms_is_kept_nowhere(tmp_path, ref):
    async def policy(body, n):
        if n % 7 == 3:
            form = f"Basic {BASIC}" if n % 2 else ODD_FORMS[n % 4]
            return Fault("echo", 500, error_body(f"upstream refused {form}", "server_error"))
        reply = await STAND_IN(body, n)
        reply["choices"][0]["message"] |= {"reasoning_content": f"I was sent {ODD}."}
        return reply | {"system_fingerprint": ODD, "model": f"stand-in {ODD}"}

    with FaultServer(policy) as server:
        words = (
            *("run", f"model={ref}", "model.key_env=ODD", f"model.base_url={server.base_url}"),
            *("replicates=1", "hydra.run.dir=run", "retry.base_seconds=0.01", "tracking=none"),
        )
        said = [peersim(*words, cwd=tmp_path, ODD=f"{ODD}\n", COLUMNS="40")]
        assert said[0].returncode == 0, said[0].stderr
        assert any(ODD in served.authorization for served in server.ledger)
        assert any(served.outcome == "echo" for served in server.ledger)
    for command in (("status", "run"), ("show", "run"), ("export", "run"), ("replay", "run")):
        said.append(peersim(*command, cwd=tmp_path, COLUMNS="40"))
    whole = "".join("".join((done.stdout + done.stderr).split()) for done in said)
    assert [form for form in ODD_FORMS if form in whole] == []
    assert found_in(tmp_path, ODD_FORMS) == set()
    (store,) = RunView(tmp_path / "run").stores
    assert store.query("SELECT COUNT(*) FROM calls WHERE served = 'stand-in [secret]'") != [(0,)]


def test_the_scan_itself_finds_what_is_packed_and_what_is_not(tmp_path):
    with sqlite3.connect(tmp_path / "study.sqlite") as connection:
        connection.execute("CREATE TABLE a (body BLOB, word TEXT)")
        connection.execute("INSERT INTO a VALUES (?, '')", (pack(KEY),))
        connection.execute("INSERT INTO a VALUES (?, ?)", (pack(""), OTHER))
    (tmp_path / "log.txt").write_text(f"x{STARRED}x", encoding="utf-8")
    assert {secret for _, secret in found_in(tmp_path)} == {KEY, OTHER, STARRED}


@pytest.mark.parametrize(
    "address",
    [
        f"model.base_url=http://user:{ADDRESS_TOKEN}@127.0.0.1:9/v1",
        f"model.base_url='http://127.0.0.1:9/v1?key={ADDRESS_TOKEN}'",
    ],
)
def test_an_address_with_a_secret_in_it_is_refused(tmp_path, address):
    done = peersim(
        "run",
        "model=hosted_vllm/m",
        address,
        "tracking=none",
        "hydra.run.dir=run",
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert re.search(r"base_url", done.stderr)
    assert ADDRESS_TOKEN not in done.stdout + done.stderr
    assert found_in(tmp_path) == set()


@pytest.mark.parametrize(
    "extra",
    [
        f"model.extra.api_key={OTHER}",
        f"model.extra={{extra_body: {{headers: {{X-Auth: {OTHER}}}}}}}",
        f"+model.extra.extra_body.auth.accessToken={OTHER}",
        f"+roles.peer={{ref: hosted_vllm/m, extra: {{password: {OTHER}}}}}",
        f"+model.extra={{extra_query: {{key: {OTHER}}}}}",
        f"model.extra={{extra_body: {{auth: {OTHER}}}}}",
        f"model.extra.openai_key={OTHER}",
        f"model.extra.extra_query.user={KEY}",
        f"model.key_env={KEY}",
    ],
)
def test_a_secret_among_the_extra_parameters_is_refused_and_kept_nowhere(tmp_path, extra):
    words = ("run", "model=hosted_vllm/m", extra, "tracking=none", "hydra.run.dir=run")
    done = peersim(*words, cwd=tmp_path)
    assert done.returncode == 1
    assert "model.key_env" in done.stderr
    assert OTHER not in done.stdout + done.stderr
    assert found_in(tmp_path) == set()


@pytest.mark.parametrize("many", [(), ("-m", "memory=none,summary", "hydra.sweep.dir=run")])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"+hydra.job.env_set.MY_TOKEN={OTHER}", "hydra.job.env_set sets MY_TOKEN"),
        (f"+hydra.job.env_set={{MY_TOKEN: {OTHER}}}", "hydra.job.env_set sets MY_TOKEN"),
        (
            "+model.extra.user=${oc.env:MY_SECRET}",
            "model.extra.user holds what stands in MY_SECRET",
        ),
        ("model.base_url=${oc.env:ADDRESS}", "model.base_url holds a query"),
    ],
)
def test_a_secret_that_hydra_would_bring_in_is_refused_and_kept_nowhere(
    tmp_path, given, said, many
):
    words = ("run", *many, "model=hosted_vllm/m", given, "tracking=none", "hydra.run.dir=run")
    address = f"http://127.0.0.1:9/v1?k={ADDRESS_TOKEN}"
    done = peersim(*words, cwd=tmp_path, MY_SECRET=OTHER, ADDRESS=address)
    assert done.returncode == 1, done.stdout
    assert said in done.stderr
    assert OTHER not in done.stdout + done.stderr
    assert found_in(tmp_path) == set()


@pytest.mark.few(3)
@pytest.mark.parametrize("sweep", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        f"base_url: http://user:{ADDRESS_TOKEN}@127.0.0.1:9/v1",
        f"base_url: http://127.0.0.1:9/v1?api_key={ADDRESS_TOKEN}",
        f"extra: {{api_key: {OTHER}}}",
        f"extra: {{user: {KEY}}}",
    ],
)
def test_a_secret_in_a_file_is_refused_and_taken_off_the_disk_again(tmp_path, line, sweep):
    (tmp_path / "own" / "model").mkdir(parents=True)
    own = tmp_path / "own" / "model" / "mine.yaml"
    own.write_text(f"defaults: [base]\nref: hosted_vllm/m\n{line}\n", encoding="utf-8")
    many, where = (("-m",), "hydra.sweep.dir=run") if sweep else ((), "hydra.run.dir=run")
    words = ("run", *many, "--config-dir", "own", "model=mine", "tracking=none", where)
    done = peersim(*words, cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "model.key_env" in done.stderr
    assert OTHER not in done.stderr
    assert ADDRESS_TOKEN not in done.stderr
    own.unlink()
    assert found_in(tmp_path) == set()
