"""The admin in German: no word of a model, a column or a page is left in English."""

import re

import pytest
from django.contrib import admin
from django.utils import translation

from people.models import Session, User

ENGLISH = re.compile(
    r"\b((?<!des )(?<!aktiven )Partners|Sessions?|Email|Started|Ends|Last seen|User|Address"
    r"|Visibility|Proof|Created|New sign-ins|Connections?|Actor|What|Reason|Reference|End the"
    r"|signed out)\b"
)


@pytest.fixture
def german(staff):
    staff.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    yield staff
    translation.deactivate()  # the middleware leaves it as the last request had it


def words_of(response):
    html = re.sub(r"<(script|style|svg)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", html)


def test_every_record_has_a_german_name(staff):
    staff.get("index")  # which finds the ModelAdmins

    with translation.override("de"):
        names = [str(model._meta.verbose_name) for model in admin.site._registry]

    # A noun, and German writes those with a capital.
    assert [name for name in names if not name[0].isupper()] == []


def test_no_page_has_english_words(german, acme, browser):
    browser.sign_in(acme)
    ana, session = (
        User.objects.get(email="ana@acme.example"),
        Session.objects.get(partner=acme.partner),
    )
    pages = [
        german.get("index"),
        german.get("partners_partner_changelist"),
        german.get("partners_partner_add"),
        german.get("partners_partner_change", acme.partner.pk),
        german.get("partners_partner_pause", acme.partner.pk),
        german.post("partners_partner_examine", acme.partner.pk),
        german.get("people_user_changelist"),
        german.get("people_user_add"),
        german.get("people_user_change", ana.pk),
        german.get("people_user_deactivate", ana.pk),
        german.get("people_session_changelist"),
        german.get("people_session_change", session.pk),
        german.get("people_session_delete", session.pk),
        german.get("audit_event_changelist"),
        german.get("where"),
    ]

    assert [ENGLISH.findall(words_of(page)) for page in pages] == [[] for _ in pages]
