"""A provider's JSON is read the one way in which it can be read, or not at all."""

import pytest

from federation.oidc.json_document import (
    DOCUMENT_BYTES,
    NESTING,
    DocumentError,
    read_json_object,
)


def nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_reads_the_members_of_an_object():
    document = '{"a": "é😀", "b": [1, 2.5, null, true], "c": {"a": 1}}'.encode()

    assert read_json_object(document) == {
        "a": "é😀",
        "b": [1, 2.5, None, True],
        "c": {"a": 1},
    }


def test_reads_an_escaped_pair_of_surrogates():
    assert read_json_object(rb'{"a": "\ud83d\ude00"}') == {"a": "😀"}


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<!doctype html><title>Sign in</title>", id="a-page"),
        pytest.param(b'{"a": 1', id="cut-off"),
        pytest.param(b'{"a": 1} {}', id="more-than-one-value"),
        pytest.param(b"[]", id="a-list"),
        pytest.param(b'"a"', id="a-text"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"a": 1, "a": 1}', id="a-member-twice"),
        pytest.param(b'{"b": {"a": 1, "\\u0061": 2}}', id="a-member-twice-below-and-escaped"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', id="byte-order-mark"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="utf-16"),
        pytest.param('{"a": "é"}'.encode("latin-1"), id="latin-1"),
        pytest.param(b'{"a": NaN}', id="nan"),
        pytest.param(b'{"a": Infinity}', id="infinity"),
        pytest.param(b'{"a": -Infinity}', id="minus-infinity"),
        pytest.param(b'{"a": 1e999}', id="a-number-beyond-doubles"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="a-number-of-5000-digits"),
        pytest.param(rb'{"a": "\u0000"}', id="nul"),
        pytest.param(rb'{"a": "\ud800"}', id="half-a-surrogate-pair"),
        pytest.param(rb'{"a": [{"\udc00": 1}]}', id="half-a-surrogate-pair-in-a-name-below"),
        pytest.param(nested(NESTING + 1), id="nested-too-deeply"),
        pytest.param(nested(100_000), id="nested-to-exhaust-the-stack"),
    ],
)
def test_refuses_what_another_reader_could_understand_otherwise(document):
    with pytest.raises(DocumentError):
        read_json_object(document)


def test_reads_a_document_that_is_as_deep_and_as_large_as_allowed():
    document = nested(NESTING).ljust(DOCUMENT_BYTES)

    assert "a" in read_json_object(document)


def test_refuses_a_document_that_is_too_large():
    with pytest.raises(DocumentError, match="too large"):
        read_json_object(b"{}".ljust(DOCUMENT_BYTES + 1))


def test_says_nothing_of_what_the_document_holds():
    with pytest.raises(DocumentError) as refusal:
        read_json_object(b'{"access_token": "secret", "access_token": "secret"}')

    assert "secret" not in str(refusal.value)
