"""How partners stand: health and attention from what is stored, figures from the trail."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from audit.models import Event
from audit.trail import Happening, record
from console.partners.activity import days_of, refusals_of
from console.partners.charts import CHART_HEIGHT, chart, sparkline
from console.partners.standing import concerns_of, needs_attention, with_standing
from onboarding.models import Examination, SetUpCase
from partners.models import Connection, Partner
from partners.tested import settings_digest
from tests.console.test_partner_list import expiring, partner_named


def happened(slug, what="login.succeeded", *, days_ago=0.0, reason=""):
    """Have something in the trail at another time than now, as time alone can."""
    at = timezone.now() - timedelta(days=days_ago)
    Event.objects.bulk_create([Event(what=what, reason=reason, partner=slug, at=at)])


def examined(partner, *outcomes, **finding):
    found = [
        {
            "code": f"OD-10{n}",
            "about": f"Thing {n}",
            "statement": f"Thing {n} is wrong.",
            "outcome": outcome,
            **finding,
        }
        for n, outcome in enumerate(outcomes)
    ]
    german = [{**one, "statement": f"Punkt {n}."} for n, one in enumerate(found)]
    live = partner.connections.get(is_live=True)
    Examination.objects.create(
        connection=live,
        settings_digest=settings_digest(live),
        by="night",
        findings={"en": found, "de": german},
    )


def concerns(partner):
    return concerns_of(with_standing(Partner.objects.all()).get(pk=partner.pk))


def waiting():
    found = with_standing(Partner.objects.all()).filter(needs_attention())
    return sorted(found.values_list("name", flat=True))


@pytest.fixture
def acme(db):
    return partner_named("Acme")


# --- What needs attention ------------------------------------------------------------------------


def test_nothing_is_wrong_with_a_partner_of_which_nothing_is_known(acme):
    assert concerns(acme) == []
    assert waiting() == []


def test_what_the_last_examination_found_counts_and_no_earlier_one(acme):
    examined(acme, "needs_fixing")
    assert (concerns(acme), waiting()) == (["Thing 0 is wrong."], ["Acme"])

    examined(acme, "passed", "consider", "waiting", "could_not_tell")

    assert (concerns(acme), waiting()) == ([], [])


def test_it_is_said_in_the_language_of_whoever_reads(acme):
    examined(acme, "passed", "needs_fixing")

    with translation.override("de"):
        assert concerns(acme) == ["Punkt 1."]


def test_a_guess_keeps_nobody_out(acme):
    examined(acme, "needs_fixing", is_guess=True)

    assert waiting() == []


@pytest.mark.parametrize("status", ["draft", "paused"])
def test_nobody_can_be_kept_out_of_what_is_not_live(acme, status):
    examined(acme, "needs_fixing")
    Partner.objects.update(status=status)

    assert waiting() == []


@pytest.mark.parametrize(
    ("reason", "concern"),
    [
        ("client_rejected", ["Everybody is refused"]),
        ("provider_misconfigured", ["Everybody is refused"]),
        ("authorization_denied", []),
    ],
)
def test_everybody_is_refused_since_the_last_sign_in(acme, reason, concern):
    happened("acme", days_ago=2)
    happened("acme", "login.refused", days_ago=1, reason=reason)

    assert concerns(acme) == concern


def test_until_somebody_gets_in_again(acme):
    happened("acme", "login.refused", days_ago=1, reason="client_rejected")
    happened("acme")

    assert concerns(acme) == []


@pytest.mark.parametrize(
    ("days", "concern"),
    [
        (-1, ["Its secret has ended"]),
        (0, ["Its secret ends today"]),
        (1, ["Its secret ends in 1 day"]),
        (30, ["Its secret ends in 30 days"]),
        (31, []),
    ],
)
def test_a_secret_that_ends_within_a_month(acme, days, concern):
    Connection.objects.update(**expiring(days))

    assert concerns(acme) == concern
    assert bool(waiting()) == bool(concern)


def test_the_end_of_a_secret_that_a_key_has_replaced_is_no_matter(acme):
    Connection.objects.update(**expiring(1), token_endpoint_auth_method="private_key_jwt")

    assert (concerns(acme), waiting()) == ([], [])


def test_a_partner_that_waits_for_our_approval(acme):
    case = SetUpCase.objects.create(partner=acme, approval_asked_at=timezone.now())
    assert (concerns(acme), waiting()) == (["Waits for our approval"], ["Acme"])

    case.closed_at = timezone.now()
    case.save()

    assert (concerns(acme), waiting()) == ([], [])


def test_a_pause_that_was_to_be_over(acme):
    Partner.objects.update(status="paused", paused_until=timezone.localdate())
    assert (concerns(acme), waiting()) == ([], [])

    Partner.objects.update(paused_until="2020-01-31")

    assert concerns(acme)[0].startswith("Its pause was to end on")
    assert waiting() == ["Acme"]


# --- On the pages --------------------------------------------------------------------------------


def test_the_first_page_names_what_needs_attention_the_worst_first(staff, acme):
    examined(acme, "needs_fixing")
    for number in range(6):
        partner_named(f"Globex {number}", connection=expiring(number))

    page = staff.get("index").content.decode()

    assert "Needs attention (7)" in page
    assert page.index("Acme") < page.index("Globex 0") < page.index("Globex 3")
    assert "Globex 4" not in page
    assert "and 2 more: show all" in page


def test_the_first_page_says_that_all_is_well(staff, acme):
    assert "No partner has a problem" in staff.get("index").content.decode()


def test_the_box_is_for_those_who_may_see_partners(helper, acme):
    examined(acme, "needs_fixing")

    page = helper.get("index").content.decode()

    assert "Needs attention" not in page
    assert "Acme" not in page


def test_the_list_says_what_is_wrong_and_a_status_of_its_own(staff, acme):
    examined(acme, "needs_fixing")
    drafted = partner_named("Globex", status="draft")
    SetUpCase.objects.create(partner=drafted)
    partner_named("Initech")

    page = staff.get("partners_partner_changelist").content.decode()

    assert "✖</span> Problem</span>" in page
    assert "✖</span> Thing 0</span>" in page
    assert "◐</span> Setting up</span>" in page
    assert "?</span> Unknown</span>" in page


@pytest.mark.parametrize(
    ("query", "names"), [("yes", ["Acme", "Globex"]), ("problem", ["Acme"]), ("x", [])]
)
def test_the_list_is_filtered_by_it(staff, acme, query, names):
    examined(acme, "needs_fixing")
    partner_named("Globex", connection=expiring(3))
    partner_named("Initech")

    response = staff.get("partners_partner_changelist", query=f"?attention={query}")

    found = [partner.name for partner in response.context["cl"].result_list]
    assert found == (names or ["Acme", "Globex", "Initech"])


def test_an_empty_list_says_how_to_begin(staff):
    page = staff.get("partners_partner_changelist").content.decode()

    assert "It takes three steps" in page
    assert "/admin/partners/partner/add/" in page


def test_a_filter_that_finds_nobody_is_no_empty_list(staff, acme):
    page = staff.get("partners_partner_changelist", query="?q=nobody").content.decode()

    assert "It takes three steps" not in page


def test_the_partners_page_shows_how_it_goes(staff, acme):
    examined(acme, "passed")
    for days in (0, 1, 29, 30):
        happened("acme", days_ago=days)
    for reason in ("email_missing", "email_missing", "provider_unreachable"):
        happened("acme", "login.refused", reason=reason)
    happened("globex")

    page = staff.get("partners_partner_change", acme.pk).content.decode()

    assert "3 sign-ins, 3 refusals." in page
    assert "50 % got in" in page
    assert page.index("email_missing") < page.index("provider_unreachable")
    assert "the partner’s</span>" in page
    assert "the network’s</span>" in page
    assert "✔</span> OK</span>" in page


def test_a_new_partners_page_has_nothing_to_show_yet(staff, db):
    assert "How it goes" not in staff.get("partners_partner_add").content.decode()


# --- The figures ---------------------------------------------------------------------------------


def test_counts_each_day_and_each_partner_for_itself(acme):
    happened("acme", days_ago=1)
    happened("acme", "login.refused", reason="email_missing")
    happened("acme", "logout")
    happened("globex")

    weeks = days_of(["acme", "globex", "initech"], days=7)

    today = timezone.localdate()
    assert [day.date for day in weeks["acme"]] == [
        today - timedelta(days=n) for n in range(6, -1, -1)
    ]
    assert [(day.sign_ins, day.refusals) for day in weeks["acme"][-2:]] == [(1, 0), (0, 1)]
    assert sum(day.sign_ins for day in weeks["globex"]) == 1
    assert sum(day.sign_ins for day in weeks["initech"]) == 0


def test_figures_are_read_from_their_index_and_nothing_else(acme):
    """Decision 31 has what that makes of a million rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as captured:
        days_of(["acme"], days=30)
        refusals_of("acme", days=30)
        concerns(acme)

    asked = [one["sql"] for one in captured.captured_queries if "audit_event" in one["sql"]]
    assert len(asked) == 3
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = [line for (line,) in cursor.fetchall()]
        scans = [line for line in plan if "audit_event" in line and "Scan" in line]
        assert scans
        assert all("Index Only Scan" in line and "audit_event_sign_ins" in line for line in scans)


def test_the_most_frequent_reason_comes_first(acme):
    for reason, count in (("email_missing", 2), ("client_rejected", 3), ("of_long_ago", 1)):
        for _ in range(count):
            happened("acme", "login.refused", reason=reason)
    happened("acme", "login.refused", reason="email_missing", days_ago=31)

    counted = [(one.reason, one.count) for one in refusals_of("acme", days=30)]

    assert counted == [("client_rejected", 3), ("email_missing", 2), ("of_long_ago", 1)]


def test_one_refusal_among_many_sign_ins_is_seen_and_inside_the_picture(acme):
    record(Happening(what="login.refused", partner="acme", reason="email_missing"))
    Event.objects.bulk_create(Event(what="login.succeeded", partner="acme") for _ in range(2000))

    drawn = chart(days_of(["acme"], days=30)["acme"])

    bar = drawn["bars"][-1]
    assert bar.refusals_height >= 2
    assert bar.refusals_y >= 0
    assert bar.sign_ins_y + bar.sign_ins_height == CHART_HEIGHT


def test_a_line_of_nothing_is_flat_and_says_so(acme):
    line = sparkline(days_of(["acme"], days=7)["acme"])

    assert "0 sign-ins in 7 days, by day: 0, 0, 0, 0, 0, 0, 0" in line
    assert "style=" not in line
