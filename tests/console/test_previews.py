"""Preview as a user: what people of a partner see, seen by staff, with nothing happening."""

import pytest

from audit.models import Event
from console.partners.previews import PAGES
from federation.models import UsedState
from partners.models import Partner
from people.models import Session, User


def preview(staff, company, name):
    return staff.get(f"/admin/partners/partner/{company.partner.pk}/preview/{name}/")


@pytest.mark.parametrize("name", PAGES)
def test_shows_each_page_with_the_partners_data_and_nothing_to_use(staff, acme, name):
    Partner.objects.update(help_name="Acme IT", help_email="it@acme.example", paused_note="Monday")

    page = preview(staff, acme, name)

    html = page.content.decode()
    assert page.status_code == 200
    assert "Acme" in html
    assert "Preview: nothing here can be used." in html
    assert "<div inert>" in html
    assert "<script" not in html
    assert staff.user.email not in html
    assert "Refresh" not in page.headers


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("coming-back", "ana.sousa@acme.example"),
        ("home", "Welcome, Ana Sousa."),
        ("taking-you", "Taking you to Acme…"),
        ("denied", "Acme IT"),
        ("paused", "Monday"),
    ],
)
def test_each_is_the_page_that_it_says(staff, acme, name, words):
    Partner.objects.update(help_name="Acme IT", help_email="it@acme.example", paused_note="Monday")

    assert words in preview(staff, acme, name).content.decode()


def test_a_partner_that_has_nothing_yet_can_be_looked_at_too(staff, db):
    bare = Partner.objects.create(slug="bare", name="Bare")

    for name in PAGES:
        assert staff.get(f"/admin/partners/partner/{bare.pk}/preview/{name}/").status_code == 200


def test_looking_leaves_no_trace(staff, acme):
    acme.issuer.requests.clear()
    before = (Event.objects.count(), Session.objects.count(), User.objects.count())

    answers = [preview(staff, acme, name) for name in PAGES]

    assert (Event.objects.count(), Session.objects.count(), User.objects.count()) == before
    assert not UsedState.objects.exists()
    assert not acme.issuer.requests
    assert not [cookie for answer in answers for cookie in answer.cookies if "foyer-a-" in cookie]
    assert staff.get("index").status_code == 200


def test_names_what_can_be_looked_at(staff, acme):
    page = staff.get("partners_partner_preview", acme.partner.pk).content.decode()

    assert all(f"/preview/{name}/" in page for name in PAGES)


def test_there_is_nothing_else(staff, acme):
    assert preview(staff, acme, "admin").status_code == 404


def test_is_for_those_who_may_see_partners(helper, acme):
    assert preview(helper, acme, "home").status_code == 403
    assert helper.get("partners_partner_preview", acme.partner.pk).status_code == 403


def test_a_page_that_is_no_preview_has_its_scripts(browser, acme):
    html = browser.get("/login/").content.decode()

    assert "<script" in html
    assert "inert" not in html
