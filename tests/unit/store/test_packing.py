"""Packed texts: whatever goes in comes out, old ones too, and torn ones are named as such."""

import hashlib
import threading
import zlib
from importlib.resources import files

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from peersim.store.packing import dictionary, pack, unpack


@given(st.text())
def test_what_is_packed_can_be_read(text):
    assert unpack(pack(text)) == text


@given(st.text())
def test_what_earlier_versions_packed_can_be_read(text):
    squeeze = zlib.compressobj(4, zlib.DEFLATED, 13, 6)
    assert unpack(squeeze.compress(text.encode()) + squeeze.flush()) == text
    assert unpack(zlib.compress(text.encode())) == text


def test_the_dictionary_that_stores_were_written_with_stays_as_it_is():
    shipped = files("peersim.store").joinpath("words-1.zdict").read_bytes()
    assert hashlib.sha256(shipped).hexdigest()[:16] == "eadbc66e0dbc544e"
    assert dictionary().dict_id() == 1220481991


def test_a_frame_names_the_dictionary_it_needs():
    assert zstandard.get_frame_parameters(pack("one")).dict_id == dictionary().dict_id()


def test_every_spoilt_byte_is_noticed():
    packed = pack("They said: the points were shared. " * 20)
    for place in range(len(packed)):
        spoilt = bytearray(packed)
        spoilt[place] ^= 0xFF
        with pytest.raises(ValueError):  # noqa: PT011  # zstandard's and zlib's own words
            unpack(bytes(spoilt))


def test_a_cut_text_is_noticed():
    packed = pack("They said: the points were shared. " * 20)
    for length in range(len(packed)):
        with pytest.raises(ValueError):  # noqa: PT011
            unpack(packed[:length])


def test_threads_pack_at_the_same_time():
    wrong = []

    def work(name):
        texts = [f"{name} shared {number} of 10 points" * 9 for number in range(300)]
        wrong.extend(text for text in texts if unpack(pack(text)) != text)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("Rowan", "Sage", "Ash")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_what_studies_say_becomes_small():
    said = (
        '{"request":"7c77efe2a51ba317","parts":8,"changed":{"message 2 (assistant)":'
        '"07ac7e90032db0f5","sampling":"5bd60e3ea64362ca"},"completion":{"content":"All right.",'
        '"finish":"stop","served_model":"simulated/loyal","simulated":true,'
        '"usage":{"input_tokens":372,"output_tokens":11,"cost_usd":0.0}}}'
    )
    assert len(pack(said)) < len(zlib.compress(said.encode(), 9)) * 0.6
