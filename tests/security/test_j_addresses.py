"""Group J, addresses: whose a provider may assert, and what only looks like one of those."""

import pytest

from demo.provider import Fault, IdTokenFault

pytestmark = pytest.mark.portal

DOMAIN = "adversary.example"
NOT_IN_USERINFO = Fault(without=["email", "email_verified"])


def asserted(case, email, **claims):
    """Return the answer to Ana, of whom her provider says that *email* is hers."""
    said = IdTokenFault(members={"email": email, **claims})
    return case.attack(id_token=said, userinfo=NOT_IN_USERINFO)


# --- J01, J02: somebody else's domain, and nobody's ----------------------------------------------


@pytest.mark.parametrize("name", ["ana", "victim", "admin"])
def test_j01_an_address_of_another_partner(case, name):
    page = case.refused(asserted(case, f"{name}@bystander.example"), "email_not_of_partner")

    # This person's own page, and its mail, repeat the address that the provider gave.
    # Neither whose it is, nor whether somebody has it, is the provider's to learn.
    repeated = f'<data value="{name}@bystander.example">{name}@<wbr>bystander.<wbr>example</data>'
    rest = page.replace(repeated, "").replace(f"{name}%40bystander.example", "")
    assert page.count(repeated) == 2
    assert "bystander" not in rest.lower()


NOT_OF_THE_PARTNER = {
    "J02-nobodys": "ana@nobody.example",
    "J02-public": "ana@gmail.com",
    "J30-the-owners": "support@northlake.example",
    "J30-the-portals": "admin@127.0.0.1",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NOT_OF_THE_PARTNER])
def test_j02_j30_an_address_that_is_not_the_partners(case, name):
    case.refused(asserted(case, NOT_OF_THE_PARTNER[name]), "email_not_of_partner")


@pytest.mark.parametrize("subdomains", [True, False])
def test_j02_a_domain_that_the_partner_has_only_claimed(case, subdomains):
    adversary = case.adversary
    with adversary.having_domain("claimed.example", is_verified=False, subdomains=subdomains):
        case.refused(asserted(case, "ana@claimed.example"), "email_not_of_partner")


# --- J03 to J05: what is said of the verification ------------------------------------------------

NOT_TRUE = {
    "J03-false": False,
    "J04-text-false": "false",
    "J04-text-FALSE": "FALSE",
    "J04-0": 0,
    "J04-1": 1,
    "J04-1.0": 1.0,
    "J04-text-0": "0",
    "J04-text-1": "1",
    "J04-no": "no",
    "J04-yes": "yes",
    "J04-null": None,
    "J04-list": [],
    "J04-list-of-true": [True],
    "J04-object": {},
    "J04-object-of-true": {"value": True},
    "J04-empty": "",
    "J04-blank-true": " true",
    "J04-line-break": "true\n",
    "J04-t": "t",
    "J04-full-width": "ｔｒｕｅ",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in NOT_TRUE])
@pytest.mark.parametrize("requires", [True, False], ids=["required", "not-required"])
def test_j03_j04_an_address_of_which_anything_but_true_is_said(case, name, requires):
    case.adversary.configure(require_email_verified=requires)

    answer = asserted(case, case.adversary.email("ana"), email_verified=NOT_TRUE[name])

    case.refused(answer, "email_not_verified")


@pytest.mark.parametrize("value", [True, "true", "TRUE", "tRuE"])
def test_j04_true_as_several_providers_write_it(case, value):
    email = case.adversary.email("ana")

    case.let_in(asserted(case, email, email_verified=value), email)


SILENT = IdTokenFault(without=["email_verified"])


def test_j05_nothing_said_by_the_issuer_of_one_company(case):
    case.adversary.configure(require_email_verified=False)

    case.let_in(case.attack(id_token=SILENT), case.adversary.email("ana"))


def test_j05_nothing_said_where_the_owner_requires_it(case):
    case.adversary.configure(require_email_verified=True)

    answer = case.attack(id_token=SILENT, userinfo=NOT_IN_USERINFO)

    case.refused(answer, "email_not_verified")


def test_j05_nothing_said_by_an_issuer_that_companies_share(case, at):
    tenant = at("tenant-one")
    case.adversaries.append(tenant)
    tenant.configure(require_email_verified=False)
    tenant.misbehave(id_token=SILENT)

    case.refused(case.browser.sign_in(tenant.slug), "email_not_verified", at=tenant)


# --- J06: no address -----------------------------------------------------------------------------

NO_ADDRESS = {
    "null": None,
    "empty": "",
    "list": ["ana@adversary.example"],
    "object": {"value": "ana@adversary.example"},
    "number": 1,
    "true": True,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"J06-{name}") for name in NO_ADDRESS])
def test_j06_a_claim_that_is_no_address(case, name):
    page = case.refused(asserted(case, NO_ADDRESS[name]), "email_missing")

    # Whom it helps to tell is who looks after the provider.
    assert "IT" in page


def test_j06_no_such_claim(case):
    answer = case.attack(id_token=IdTokenFault(without=["email"]), userinfo=NOT_IN_USERINFO)

    case.refused(answer, "email_missing")


@pytest.mark.parametrize("length", [255, 10_000])
def test_j06_an_address_that_is_longer_than_any(case, length):
    email = f"{'a' * (length - len(DOMAIN) - 1)}@{DOMAIN}"

    page = case.refused(asserted(case, email), "email_not_of_partner")

    assert "a" * 200 not in page


# --- J07 to J10, J12, J14, J31: what only looks like one of the partner's -------------------------

LOOKING_LIKE = {
    "J07-two-ats": "ana@bystander.example@adversary.example",
    "J07-two-ats-other-way": "ana@adversary.example@bystander.example",
    "J07-encoded-at": "ana%40bystander.example@adversary.example@",
    "J08-full-width-at": "ana@adversary.example＠bystander.example",
    "J08-full-width-at-inside": "ana＠bystander.example@adversary.example",
    "J08-small-at-inside": "ana﹫bystander.example@adversary.example",
    "J08-zero-width-after": "ana@adversary.example\u200b",
    "J08-zero-width-inside": "a\u200bna@adversary.example",
    "J08-byte-order-mark": "\ufeffana@adversary.example",
    "J08-soft-hyphen": "ana@adver\u00adsary.example",
    "J08-right-to-left": "\u202eana@adversary.example",
    "J08-dot-after": "ana@adversary.example.",
    "J08-line-feed-after": "ana@adversary.example\n",
    "J08-crlf-and-header": "ana@adversary.example\r\nBcc: x@evil.example",
    "J08-blank-before": " ana@adversary.example",
    "J08-blank-after": "ana@adversary.example ",
    "J08-no-break-space": "\u00a0ana@adversary.example",
    "J08-blank-inside": "ana sousa@adversary.example",
    "J08-comma-list": "x@evil.example,ana@adversary.example",
    "J08-semicolon-list": "ana@adversary.example;x@evil.example",
    "J08-full-width-brackets": "a＜b＞@adversary.example",
    "J08-full-width-quotes": "＂a＂@adversary.example",
    "J08-full-width-comma": "a，b@adversary.example",
    "J08-one-dot-leader": "a․b@adversary.example",
    "J08-small-full-stop": "a﹒b@adversary.example",
    "J09-quoted": '"ana"@adversary.example',
    "J09-quoted-at": '"ana@evil.example"@adversary.example',
    "J09-quoted-nothing": '""@adversary.example',
    "J09-comment": "ana(x)@adversary.example",
    "J09-comment-after": "ana@adversary.example(bystander.example)",
    "J09-source-route": "@bystander.example:ana@adversary.example",
    "J09-display-name": "Ana <ana@adversary.example>",
    "J09-mailto": "mailto:ana@adversary.example",
    "J09-ip-literal": "ana@[127.0.0.1]",
    "J09-ipv6-literal": "ana@[IPv6:::1]",
    "J09-ip": "ana@127.0.0.1",
    "J09-localhost": "ana@localhost",
    "J09-no-domain": "ana@",
    "J09-no-local-part": "@adversary.example",
    "J09-only-a-domain": "adversary.example",
    "J09-two-dots": "a..b@adversary.example",
    "J09-dot-before-at": "ana.@adversary.example",
    "J09-bang-path": "bystander.example!ana@[adversary.example]",
    "J09-percent-hack": "ana%bystander.example@localhost",
    "J10-encoded-word-of-another": "=?utf-8?q?ana=40adversary.example=3e?=@bystander.example",
    "J10-encoded-word-as-domain": "ana@=?utf-8?q?adversary.example?=",
    "J12-kelvin": "\u212aana@adversary.example",
    "J12-long-s": "\u017fmith@adversary.example",
    "J12-full-width": "ａｎａ@adversary.example",
    "J12-circled": "ⓐna@adversary.example",
    "J12-superscript": "anª@adversary.example",
    "J12-ligature": "ﬁna@adversary.example",
    "J12-i-with-dot": "\u0130na@adversary.example",
    "J12-dotless-i": "v\u0131ctim@adversary.example",
    "J14-cyrillic": "ana@аdversary.example",
    "J14-cyrillic-a-label": "ana@xn--dversary-2fh.example",
    "J14-broken-a-label": "ana@xn--adversary-.example",
    "J14-a-label-of-ascii": "ana@xn--adversary.example",
    "J14-ideographic-dot": "ana@adversary。example",
    "J14-full-width-dot": "ana@adversary．example",
    "J14-half-width-dot": "ana@adversary｡example",
    "J14-full-width-domain": "ana@ａdversary.example",
    "J14-long-s": "ana@adver\u017fary.example",
    "J14-zero-width-joiner": "ana@adversary\u200d.example",
    "J14-combining": "ana@a\u0301dversary.example",
    "J14-upper-half": "ana@ⓐdversary.example",
    "J31-prefix": "ana@xadversary.example",
    "J31-hyphen": "ana@not-adversary.example",
    "J31-longer": "ana@adversary.example.evil.example",
    "J31-ending": "ana@adversary.examples",
    "J31-another-ending": "ana@adversary.evil",
    "J31-without-ending": "ana@adversary",
    "J31-below": "ana@sub.adversary.example",
    "J31-above": "ana@example",
    "J31-port": "ana@adversary.example:80",
    "J31-path": "ana@adversary.example/",
    "J31-query": "ana@evil.example?@adversary.example:1",
    "J31-fragment": "ana@adversary.example#.evil.example",
    "J31-wildcard": "ana@%.example",
    "J31-underscore": "ana@adversar_.example",
    "J31-sql": "ana@adversary.example' OR '1'='1",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in LOOKING_LIKE])
def test_j07_to_j31_what_only_looks_like_an_address_of_the_partner(case, name):
    case.refused(asserted(case, LOOKING_LIKE[name]), "email_not_of_partner")


@pytest.mark.parametrize(
    "email", ["ana\0@adversary.example", "ana@adversary.example\0.evil.example"]
)
def test_j08_a_text_that_ends_early_for_some_readers(case, email):
    case.refused(asserted(case, email), "id_token_malformed")


# --- J10 to J13, J16, J32: one form --------------------------------------------------------------

WRITTEN = {
    "J10-encoded-word": (
        "=?utf-8?q?x=40bystander.example?=@adversary.example",
        "=?utf-8?q?x=40bystander.example?=@adversary.example",
    ),
    "J11-upper-case": ("ANA@adversary.example", "ana@adversary.example"),
    "J11-upper-case-domain": ("ana@ADVERSARY.Example", "ana@adversary.example"),
    "J11-upper-case-all": ("ANA@ADVERSARY.EXAMPLE", "ana@adversary.example"),
    "J13-composed": ("jos\u00e9@adversary.example", "jos\u00e9@adversary.example"),
    "J13-decomposed": ("jose\u0301@adversary.example", "jos\u00e9@adversary.example"),
    "J13-upper-case": ("JOS\u00c9@adversary.example", "jos\u00e9@adversary.example"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in WRITTEN])
def test_j10_j11_j13_j32_one_form_of_an_address_everywhere(case, name):
    """The page, the API, the trail and the table have the same text."""
    raw, email = WRITTEN[name]

    who = case.let_in(asserted(case, raw), email)

    assert email in case.browser.get("/").text
    stored = "SELECT email FROM people_user WHERE subject = %s"
    assert case.portal.rows(stored, who["subject"]) == [(email,)]
    assert case.browser.get("/api/authorize/").headers["X-Foyer-Subject"] == who["subject"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param("ana@adversary.example", "ANA@Adversary.Example", id="J11"),
        pytest.param("jos\u00e9@adversary.example", "jose\u0301@adversary.example", id="J13"),
        pytest.param("jos\u00e9@adversary.example", "JOS\u00c9@ADVERSARY.example", id="J13-case"),
    ],
)
def test_j11_j13_one_address_written_differently_is_one_person(case, first, second):
    other = case.new_browser()

    one = case.let_in(asserted(case, first), first)
    case.adversary.misbehave(id_token=IdTokenFault(members={"email": second}))
    two = case.let_in(other.sign_in(case.adversary.slug), first, by=other)

    assert two["subject"] == one["subject"]
    assert two["token"]["issuer_subject"] == one["token"]["issuer_subject"]


@pytest.mark.parametrize("second", ["AnA@adversary.example", "ana@ADVERSARY.EXAMPLE"])
def test_j11_nobody_gets_a_persons_place_by_writing_the_address_differently(case, second):
    case.let_in(case.attack(), case.adversary.email("ana"))

    answer = asserted(case, second, sub="somebody-else")

    case.refused(answer, "email_taken", token_requests=2)


@pytest.mark.parametrize(
    "email",
    ["ana+x@adversary.example", "a.na@adversary.example", "an\u00e0@adversary.example"],
)
def test_j16_an_address_that_some_mail_servers_deliver_alike_is_somebody_else(case, email):
    other = case.new_browser()
    one = case.let_in(case.attack(), case.adversary.email("ana"))

    case.adversary.misbehave(id_token=IdTokenFault(members={"email": email, "sub": "another"}))
    two = case.let_in(other.sign_in(case.adversary.slug), email, by=other)

    assert two["subject"] != one["subject"]
    assert two["token"]["issuer_subject"] != one["token"]["issuer_subject"]
    assert case.browser.who() == one


# --- J32: one claim, read once -------------------------------------------------------------------


def test_j32_an_address_that_is_there_twice(case):
    def twice(honest):
        return honest[:-1] + b',"email":"victim@bystander.example"}'

    case.refused(case.attack(id_token=IdTokenFault(payload=twice)), "id_token_malformed")


@pytest.mark.parametrize(
    "claims",
    [
        {"Email": "ben@adversary.example"},
        {"EMAIL": "ben@adversary.example", "mail": "ben@adversary.example"},
        {"emails": ["ben@adversary.example"], "e-mail": "ben@adversary.example"},
        {"email\u200b": "ben@adversary.example", "email ": "ben@adversary.example"},
        {"address": {"email": "ben@adversary.example"}, "upn": "ben@adversary.example"},
    ],
)
def test_j32_no_claim_that_resembles_the_one_for_the_address(case, claims):
    email = case.adversary.email("ana")
    case.let_in(asserted(case, email, **claims), email)

    without = case.attack(id_token=IdTokenFault(members=claims, without=["email"]))

    case.refused(without, "email_missing", token_requests=2)
