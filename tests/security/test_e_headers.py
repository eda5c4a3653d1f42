"""Group E, form: extensions, other kinds of token, other serialisations, encryption."""

import json
import zlib

import pytest

from demo.provider import IdTokenFault
from tests.security.forging import claims_of, decoded, encoded, header_of, mac, signed_by

pytestmark = pytest.mark.portal


def forged(case, forgery):
    return case.attack(id_token=IdTokenFault(token=forgery))


# --- E16, E17: extensions that must be understood ------------------------------------------------

EXTENSIONS = {
    "E16-unknown": {"crit": ["x"], "x": 1},
    "E16-not-there": {"crit": ["x"]},
    "E16-empty": {"crit": []},
    "E16-text": {"crit": "exp"},
    "E16-null": {"crit": None},
    "E16-object": {"crit": {"x": 1}},
    "E16-number": {"crit": 1},
    "E16-false": {"crit": False},
    "E16-of-numbers": {"crit": [1, None]},
    "E16-alg": {"crit": ["alg"]},
    "E16-kid": {"crit": ["kid"]},
    "E16-twice": {"crit": ["x", "x"], "x": 1},
    "E16-exp": {"crit": ["exp"], "exp": 1},
    "E16-b64": {"crit": ["b64"], "b64": True},
    "E16-nested": {"crit": [["x"]]},
    "E17-false": {"b64": False},
    "E17-false-and-critical": {"b64": False, "crit": ["b64"]},
    "E17-text": {"b64": "false"},
    "E17-null": {"b64": None},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in EXTENSIONS])
def test_e16_e17_an_extension_that_must_be_understood(case, name):
    answer = case.attack(id_token=IdTokenFault(header=EXTENSIONS[name]))

    case.refused(answer, "id_token_malformed")


def test_e17_claims_that_are_not_encoded(case):
    key = case.adversary.issuer.key

    def forge(token):
        header = encoded({"alg": key.alg, "kid": key.kid, "b64": False, "crit": ["b64"]})
        claims = json.dumps(claims_of(token)).replace(".", "")
        signature = key.signature(f"{header}.{claims}".encode())
        return f"{header}.{claims}.{encoded(signature)}"

    case.refused(forged(case, forge), "id_token_malformed")


def test_e17_detached_claims(case):
    def forge(token):
        header, _, signature = token.split(".")
        return f"{header}..{signature}"

    case.refused(forged(case, forge), "id_token_malformed")


# --- E18: other serialisations -------------------------------------------------------------------


def _segments(token):
    return dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))


SERIALISATIONS = {
    "flattened": lambda token: json.dumps(_segments(token)),
    "general": lambda token: json.dumps(
        {
            "payload": token.split(".")[1],
            "signatures": [{"protected": token.split(".")[0], "signature": token.split(".")[2]}],
        }
    ),
    "general-without-signatures": lambda token: json.dumps(
        {"payload": token.split(".")[1], "signatures": []}
    ),
    "unprotected-header": lambda token: json.dumps({**_segments(token), "header": {"alg": "none"}}),
    "encoded-json": lambda token: encoded(json.dumps(_segments(token)).encode()),
    "bearer": lambda token: f"Bearer {token}",
    "blank-before": lambda token: f" {token}",
    "line-break-after": lambda token: f"{token}\n",
    "blank-inside": lambda token: token.replace(".", " .", 1),
    "padded": lambda token: ".".join(part + "=" * (-len(part) % 4) for part in token.split(".")),
    "one-segment": lambda token: token.split(".")[0],
    "two-segments": lambda token: token.rpartition(".")[0],
    "four-segments": lambda token: f"{token}.AA",
    "five-segments": lambda token: f"{token}.AA.AA",
    "empty-header": lambda token: f".{token.partition('.')[2]}",
    "twice": lambda token: f"{token}{token}",
    "two-tokens": lambda token: f"{token},{token}",
    "tilde": lambda token: f"{token}~",
    "base64-not-url": lambda token: f"{token[:-4]}+/+/",
    "beyond-ascii": lambda token: f"{token[:-1]}é",
    "full-width-dots": lambda token: token.replace(".", "\uff0e"),
    "blank": lambda token: " ",
}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"E18-{way}") for way in SERIALISATIONS])
def test_e18_what_is_not_in_compact_form(case, way):
    case.refused(forged(case, SERIALISATIONS[way]), "id_token_malformed")


HEADERS = {
    "list": b"[]",
    "text": b'"ES256"',
    "number": b"1",
    "empty": b"",
    "no-json": b"alg=ES256",
    "alg-twice": b'{"alg":"none","alg":"ES256"}',
    "kid-twice": b'{"alg":"ES256","kid":"a","kid":"b"}',
    "comment": b'{"alg":"ES256"}//',
    "two-objects": b'{"alg":"ES256"}{}',
    "nan": b'{"alg":"ES256","x":NaN}',
    "utf-16": '{"alg":"ES256"}'.encode("utf-16"),
    "byte-order-mark": b'\xef\xbb\xbf{"alg":"ES256"}',
    "latin-1": b'{"alg":"ES256","x":"\xe9"}',
    "deep": b'{"alg":"ES256","x":' + b"[" * 3000 + b"]" * 3000 + b"}",
    "cut": b'{"alg":"ES256"',
}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"E18-header-{way}") for way in HEADERS])
def test_e18_a_header_that_is_none(case, way):
    key = case.adversary.issuer.key

    answer = forged(case, signed_by(key.signature, header=HEADERS[way]))

    case.refused(answer, "id_token_malformed")


# --- E19: encrypted tokens -----------------------------------------------------------------------

ENCRYPTED = {
    "dir": {"alg": "dir", "enc": "A256GCM"},
    "zip-bomb": {"alg": "dir", "enc": "A256GCM", "zip": "DEF"},
    "rsa-oaep": {"alg": "RSA-OAEP", "enc": "A256GCM"},
    "rsa1_5": {"alg": "RSA1_5", "enc": "A128CBC-HS256"},
    "a-billion-rounds": {
        "alg": "PBES2-HS512+A256KW",
        "enc": "A256GCM",
        "p2c": 10**9,
        "p2s": "AAAA",
    },
    "ecdh": {"alg": "ECDH-ES", "enc": "A256GCM", "epk": {"kty": "EC", "crv": "P-256"}},
    "none": {"alg": "none", "enc": "A256GCM"},
}


@pytest.mark.parametrize("way", [pytest.param(way, id=f"E19-{way}") for way in ENCRYPTED])
def test_e19_five_segments_are_not_decrypted(case, way):
    def forge(token):
        return ".".join([encoded(ENCRYPTED[way]), "AA", "AAAA", encoded(bytes(2000)), "AAAA"])

    case.refused(forged(case, forge), "id_token_malformed")


@pytest.mark.parametrize("way", [pytest.param(w, id=f"E19-{w}-3") for w in ENCRYPTED])
def test_e19_three_segments_are_not_decrypted_either(case, way):
    header = json.dumps(ENCRYPTED[way]).encode()

    answer = forged(case, signed_by(mac(b"secret"), header=header))

    case.refused(answer, "algorithm_not_allowed")


def test_e19_a_token_inside_a_token(case):
    key = case.adversary.issuer.key

    def forge(token):
        header = encoded({**header_of(token), "cty": "JWT"})
        signed = f"{header}.{encoded(token.encode())}"
        return f"{signed}.{encoded(key.signature(signed.encode()))}"

    case.refused(forged(case, forge), "id_token_malformed")


def test_e19_compressed_claims(case):
    key = case.adversary.issuer.key

    def forge(token):
        header = encoded({**header_of(token), "zip": "DEF"})
        signed = f"{header}.{encoded(zlib.compress(decoded(token.split('.')[1])))}"
        return f"{signed}.{encoded(key.signature(signed.encode()))}"

    case.refused(forged(case, forge), "id_token_malformed")


# --- E22, E23: types -----------------------------------------------------------------------------

OTHER_TYPES = [
    *("at+jwt", "application/at+jwt", "AT+JWT", "logout+jwt", "application/logout+jwt"),
    *("dpop+jwt", "secevent+jwt", "oauth-authz-req+jwt", "client-authentication+jwt", "JOSE"),
    *("JOSE+JSON", "JWE", "kb+jwt", "dc+sd-jwt", "JWT ", " JWT", "", "jwt;x=1", 1, True),
    *(["JWT"], {"typ": "JWT"}),
]


@pytest.mark.parametrize("typ", [pytest.param(typ, id=f"E22-{typ!r}") for typ in OTHER_TYPES])
def test_e22_another_kind_of_token(case, typ):
    case.refused(case.attack(id_token=IdTokenFault(header={"typ": typ})), "id_token_malformed")


@pytest.mark.parametrize("typ", [None, "JWT", "jwt", "Jwt", "application/jwt", "application/JWT"])
def test_e23_what_an_id_token_is_called(case, typ):
    fault = IdTokenFault(header={"typ": typ}) if typ else IdTokenFault(without_header=["typ"])

    case.let_in(case.attack(id_token=fault), case.adversary.email("ana"))
