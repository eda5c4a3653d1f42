"""Group D, answers: what a token endpoint may say, and what the portal makes of it."""

import gzip
import json
import zlib

import pytest

from demo.provider import Fault, IdTokenFault

pytestmark = pytest.mark.portal

MEGABYTE = 1024 * 1024


def said(**members):
    return Fault(members=members)


def appended(text):
    """Return a fault that adds *text* to the honest answer's members."""
    return Fault(body=lambda honest: honest[:-1] + b"," + text.encode() + b"}")


# --- D05, D06, D07: the provider refuses, or is unable -------------------------------------------

REFUSED = {
    "invalid-grant": (400, b'{"error": "invalid_grant"}'),
    "invalid-request": (400, b'{"error": "invalid_request"}'),
    "nobody-knows": (400, b'{"error": "e_1234", "error_description": "No."}'),
    "without-error": (400, b"{}"),
    "error-number": (400, b'{"error": 1}'),
    "error-with-200": (200, b'{"error": "invalid_grant"}'),
    "error-beside-tokens": (200, b'{"error": "x", "id_token": "a.b.c", "token_type": "Bearer"}'),
    "403": (403, b'{"error": "access_denied"}'),
    "404": (404, b'{"error": "not_found"}'),
    "418": (418, b'{"error": "teapot"}'),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D05-{name}") for name in REFUSED])
def test_d05_the_code_is_refused(case, name):
    status, body = REFUSED[name]

    page = case.refused(case.attack(token=Fault(status=status, body=body)), "token_request_refused")

    assert f"/login/{case.adversary.slug}/" in page


REJECTED = {
    "401": (401, b'{"error": "invalid_client"}'),
    "400": (400, b'{"error": "invalid_client"}'),
    "unauthorized-client": (400, b'{"error": "unauthorized_client"}'),
    "401-html": (401, b"<html><script>alert(1)</script>"),
    "401-empty": (401, b""),
    "401-another-error": (401, b'{"error": "invalid_grant"}'),
    "secret-expired": (
        401,
        b'{"error": "invalid_client", "error_description": "AADSTS7000222: keys are expired."}',
    ),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D06-{name}") for name in REJECTED])
def test_d06_our_client_is_refused(case, name):
    status, body = REJECTED[name]

    page = case.refused(
        case.attack(token=Fault(status=status, body=body)), "client_rejected", token_requests=1
    )

    assert "<script>alert" not in page


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599, 429])
def test_d07_unable_to_answer_and_asked_once(case, status):
    fault = Fault(status=status, body=b"<html>", headers={"Retry-After": "0"})

    case.refused(case.attack(token=fault), "provider_unreachable", token_requests=1)


def test_d07_hung_up_on_and_asked_once(outage):
    answer = outage.attack(token=Fault(closes=True))

    outage.refused(answer, "provider_unreachable", token_requests=1)


def test_d07_after_a_failure_the_next_one_is_let_in(outage):
    outage.refused(outage.attack(token=Fault(closes=True)), "provider_unreachable")
    outage.adversary.misbehave(token=Fault())

    answer = outage.browser.sign_in(outage.adversary.slug)

    outage.let_in(answer, outage.adversary.email("ana"))


def test_d05_a_provider_that_repeats_what_it_was_sent(case):
    """Codes, verifiers and credentials are long words; a quotation has none."""

    def repeat(_honest):
        request = case.adversary.issuer.requests_to("token")[-1]
        sent = [request.parameters[name][0] for name in ("code", "code_verifier")]
        sent.append(request.headers["authorization"])
        return json.dumps({"error": "invalid_grant", "error_description": " ".join(sent)}).encode()

    answer = case.attack(token=Fault(status=400, body=repeat))

    case.refused(answer, "token_request_refused")


# --- D09: what is no answer ----------------------------------------------------------------------

NO_ANSWERS = {
    "empty": b"",
    "blank": b" \n ",
    "html": b"<!doctype html><title>Sign in</title>",
    "text": b"OK",
    "form": b"access_token=a&id_token=b&token_type=bearer",
    "cut": b'{"id_token": "a.b.c", "token_type": "Bea',
    "list": b"[]",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "quoted": b'"{}"',
    "two-objects": b"{}{}",
    "object-and-text": b"{} x",
    "xssi-prefix": b")]}'\n{}",
    "single-quotes": b"{'id_token': 'a.b.c'}",
    "trailing-comma": b'{"token_type": "Bearer",}',
    "comment": b'{"token_type": "Bearer"/* */}',
    "nan": b'{"token_type": "Bearer", "expires_in": NaN}',
    "infinity": b'{"token_type": "Bearer", "expires_in": Infinity}',
    "beyond-doubles": b'{"token_type": "Bearer", "expires_in": 1e9999}',
    "many-digits": b'{"token_type": "Bearer", "expires_in": ' + b"9" * 100_000 + b"}",
    "utf-16": '{"token_type": "Bearer"}'.encode("utf-16"),
    "utf-32": '{"token_type": "Bearer"}'.encode("utf-32"),
    "byte-order-mark": b'\xef\xbb\xbf{"token_type": "Bearer"}',
    "latin-1": b'{"token_type": "Bearer", "x": "\xe9"}',
    "nul-octets": b"\0" * 1000,
    "nul-escaped": b'{"token_type": "Bearer", "x": "\\u0000"}',
    "half-a-character": b'{"token_type": "Bearer", "x": "\\udfff"}',
    "control": b'{"token_type": "Bear\ner"}',
    "deep-lists": b"[" * 100_000,
    "deep-and-closed": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep-objects": b'{"x":' * 40_000 + b"1" + b"}" * 40_000,
    "a-little-deep": b'{"x":' * 40 + b"1" + b"}" * 40,
    "gzip-unannounced": gzip.compress(b'{"token_type": "Bearer"}'),
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D09-{name}") for name in NO_ANSWERS])
def test_d09_an_answer_that_is_none(case, name):
    answer = case.attack(token=Fault(body=NO_ANSWERS[name]))

    case.refused(answer, "provider_misconfigured", token_requests=1)


WITHOUT_TOKENS = {
    "many-members": b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}",
    "one-long-text": b'{"x": "' + b"a" * 200_000 + b'"}',
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D09-{name}") for name in WITHOUT_TOKENS])
def test_d09_a_large_answer_that_has_no_tokens(case, name):
    answer = case.attack(token=Fault(body=WITHOUT_TOKENS[name]))

    case.refused(answer, "id_token_malformed")


BOMB = b"0" * (50 * MEGABYTE)
TOO_MUCH = {
    "300-kilobytes": Fault(body=b'{"x": "' + b"a" * 300_000 + b'"}'),
    "50-megabytes": Fault(body=BOMB),
    "endless": Fault(body=b'{"x": 1}' * 1000, endless=True),
    "endless-blanks": Fault(body=b" " * 1000, endless=True),
    "gzip-bomb": Fault(body=gzip.compress(BOMB), headers={"Content-Encoding": "gzip"}),
    "deflate-bomb": Fault(body=zlib.compress(BOMB), headers={"Content-Encoding": "deflate"}),
    "gzip-honest": Fault(body=gzip.compress, headers={"Content-Encoding": "gzip"}),
    "gzip-twice": Fault(body=gzip.compress, headers={"Content-Encoding": "gzip, gzip"}),
    "brotli": Fault(headers={"Content-Encoding": "br"}),
    "unknown-encoding": Fault(headers={"Content-Encoding": "x-of-evil"}),
    "one-long-header": Fault(headers={"X-Long": "a" * 70_000}),
    "many-headers": Fault(headers={f"X-{n}": "a" for n in range(500)}),
    "huge-headers": Fault(headers={f"X-{n}": "a" * 60_000 for n in range(20)}),
    "chunks-that-are-none": Fault(
        headers={"Transfer-Encoding": "chunked", "Content-Length": ""}, body=b"zz\r\nx"
    ),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D09-{name}") for name in TOO_MUCH])
def test_d09_more_than_any_answer_has(outage, name):
    """Read as far as it may be one, and never unpacked."""
    answer = outage.attack(token=TOO_MUCH[name])

    assert answer.status_code == 502
    reasons = {"provider_misconfigured", "provider_unreachable"}
    (reason,) = {reason for reason in reasons if reason in answer.text}
    outage.refused(answer, reason, token_requests=1)


# --- D10 to D14: members -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"id_token":"a.b.c"', id="D10-id-token"),
        pytest.param('"id_token":null', id="D10-id-token-null"),
        pytest.param('"token_type":"Bearer"', id="D10-token-type"),
        pytest.param('"access_token":"x"', id="D10-access-token"),
        pytest.param('"\\u0069d_token":"a.b.c"', id="D10-escaped-name"),
        pytest.param('"x":{"a":1,"a":2}', id="D10-nested"),
    ],
)
def test_d10_a_member_twice(case, text):
    case.refused(case.attack(token=appended(text)), "provider_misconfigured", token_requests=1)


NO_ID_TOKENS = [None, {}, [], 0, 1, 1.5, True, False, "", "a", "a.b", "a.b.c", "null", ["a.b.c"]]


@pytest.mark.parametrize("value", [pytest.param(v, id=f"D11-{v!r}") for v in NO_ID_TOKENS])
def test_d11_what_is_no_id_token(case, value):
    case.refused(case.attack(token=said(id_token=value)), "id_token_malformed")


def test_d11_no_id_token_at_all(case):
    case.refused(case.attack(token=Fault(without=["id_token"])), "id_token_malformed")


def test_d11_an_id_token_only_where_nobody_looks(case):
    fault = Fault(
        body=lambda honest: honest.replace(b'"id_token"', b'"ID_TOKEN"'),
        headers={"X-Id-Token": "a.b.c"},
    )

    case.refused(case.attack(token=fault), "id_token_malformed")


@pytest.mark.parametrize("token_type", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_d12_bearer_in_any_case(case, token_type):
    answer = case.attack(token=said(token_type=token_type))

    case.let_in(answer, case.adversary.email("ana"))


NO_TYPES = [
    "mac",
    "DPoP",
    "N_A",
    "",
    " Bearer",
    "Bearer ",
    "bearer,mac",
    "ｂearer",
    None,
    1,
    ["Bearer"],
]


@pytest.mark.parametrize("token_type", [pytest.param(t, id=f"D12-{t!r}") for t in NO_TYPES])
def test_d12_another_type_of_token(case, token_type):
    answer = case.attack(token=said(token_type=token_type))

    case.refused(answer, "provider_misconfigured", token_requests=1)


def test_d12_no_type_of_token(case):
    answer = case.attack(token=Fault(without=["token_type"]))

    case.refused(answer, "provider_misconfigured", token_requests=1)


@pytest.mark.parametrize("expires_in", [None, 0, -1, "3600", 10**30, 1.5, [], "soon"])
def test_d13_how_long_an_access_token_lives_is_nothing_to_us(case, expires_in):
    fault = Fault(without=["expires_in"]) if expires_in is None else said(expires_in=expires_in)

    case.let_in(case.attack(token=fault), case.adversary.email("ana"))


@pytest.mark.parametrize("content_type", ["text/html", "text/plain", "application/jwt", "", "x"])
def test_d13_nor_is_what_the_answer_is_called(case, content_type):
    answer = case.attack(token=Fault(headers={"Content-Type": content_type}))

    case.let_in(answer, case.adversary.email("ana"))


def test_d14_a_refresh_token_that_nobody_asked_for_is_kept_nowhere(case):
    tokens = {"refresh_token": "refresh-" + "r" * 40, "device_secret": "device-" + "d" * 40}
    case.secrets |= set(tokens.values())
    id_tokens = []
    keep = IdTokenFault(token=lambda token: id_tokens.append(token) or token)

    case.let_in(case.attack(token=said(**tokens), id_token=keep), case.adversary.email("ana"))

    (redeemed,) = case.adversary.issuer.requests_to("token")
    tokens["id_token"] = id_tokens[0]
    tokens["access_token"] = case.adversary.issuer.spent_codes.access_token(
        redeemed.parameters["code"][0]
    )
    for name, token in tokens.items():
        assert not tables_with(case.portal, token), name
        assert token not in str(case.browser.cookies())


def tables_with(portal, text):
    """Return the names of the portal's tables that hold *text* in any row, plain or in octets."""
    names = portal.rows("SELECT relname FROM pg_stat_user_tables")
    found = []
    for (name,) in names:
        query = f'SELECT count(*) FROM "{name}" t WHERE t::text LIKE ANY(%s)'  # noqa: S608 -- our own tables
        octets = text.encode().hex()
        ((rows,),) = portal.rows(query, [f"%{text}%", f"%{octets}%"])
        found += [name] * bool(rows)
    return found


# --- D15, D16: a token of somebody else, and a token that is too large ---------------------------


def test_d15_the_access_token_of_somebody_else(case):
    case.refused(case.attack(token=said(access_token="of-somebody-else")), "claim_mismatch")


AT_HASHES = ["", "AAAA", "x" * 22, 1, True, [], {}, "é"]


@pytest.mark.parametrize("at_hash", [pytest.param(h, id=f"D15-{h!r}") for h in AT_HASHES])
def test_d15_a_digest_of_something_else(case, at_hash):
    fault = IdTokenFault(members={"at_hash": at_hash})

    case.refused(case.attack(id_token=fault), "claim_mismatch")


def test_d15_no_digest(case):
    answer = case.attack(id_token=IdTokenFault(without=["at_hash"]))

    case.let_in(answer, case.adversary.email("ana"))


@pytest.mark.parametrize("value", [1, {}, [], True, "", "a b", "a\r\nX-Evil: 1", "é", "a" * 20_000])
def test_d15_what_is_no_access_token(case, value):
    fault = IdTokenFault(without=["at_hash"])

    answer = case.attack(token=said(access_token=value), id_token=fault)

    case.refused(answer, "provider_misconfigured", token_requests=1)


LARGE = {
    "20-kilobytes": lambda token: token + "A" * 20_000,
    "200-kilobytes": lambda token: "A" * 200_000,
    "200-kilobytes-of-claims": lambda token: token.replace(".", "." + "A" * 200_000, 1),
    "200-kilobytes-of-header": lambda token: "eyJ" + "A" * 200_000 + "." + token.split(".", 1)[1],
    "200-kilobytes-of-signature": lambda token: token.rpartition(".")[0] + "." + "A" * 200_000,
    "10000-dots": lambda token: "." * 10_000,
    "200000-dots": lambda token: "." * 200_000,
    "dots-inside": lambda token: token.replace(".", "." * 5000),
    "json-bomb": lambda token: "eyJhIjpb" * 25_000,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"D16-{name}") for name in LARGE])
def test_d16_a_token_that_no_provider_sends(case, name):
    answer = case.attack(id_token=IdTokenFault(token=LARGE[name]))

    page = case.refused(answer, "id_token_malformed")
    assert len(page) < 20_000
    assert len(case._logged()) < 20_000


@pytest.mark.parametrize("size", [MEGABYTE, 20 * MEGABYTE])
def test_d16_megabytes_of_token(outage, size):
    answer = outage.attack(id_token=IdTokenFault(token="eyJ" + "A" * size))

    outage.refused(answer, "provider_misconfigured", token_requests=1)
    assert len(outage._logged()) < 20_000
