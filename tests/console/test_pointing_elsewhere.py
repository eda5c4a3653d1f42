"""The owner points a connection to another issuer: its secret is typed anew."""

from urllib.parse import urlsplit

import pytest

from console.partners.connection_form import ConnectionForm
from partners.models import Connection
from partners.secrets import client_secret_of
from tests.onboarding.test_pointing_elsewhere import moved_version

pytestmark = pytest.mark.django_db


def form_of(company, **changes):
    """Return the form of a company's connection with *changes* typed, and the rest as it is."""
    connection = Connection.objects.get(pk=company.connection.pk)
    shown = ConnectionForm(instance=connection)
    known = {name: shown[name].value() for name in shown.fields}
    known = {name: "" if value is None else value for name, value in known.items()}
    lists = {name: " ".join(value) for name, value in known.items() if isinstance(value, list)}
    return ConnectionForm({**known, **lists, "pinned_claims": "{}", **changes}, instance=connection)


def test_another_issuer_needs_its_own_secret(acme):
    form = form_of(acme, issuer="https://elsewhere.example")

    assert form.errors == {"client_secret": ["Enter the secret of the app at this issuer."]}


def test_another_issuer_is_taken_with_its_secret(acme):
    form = form_of(acme, issuer="https://elsewhere.example", client_secret="new")

    assert form.is_valid(), form.errors
    assert client_secret_of(form.save()) == "new"


def test_with_a_key_of_ours_the_secret_of_the_issuer_of_before_is_forgotten(acme):
    form = form_of(
        acme, issuer="https://elsewhere.example", token_endpoint_auth_method="private_key_jwt"
    )

    assert form.is_valid(), form.errors
    form.save()
    acme.connection.refresh_from_db()
    assert not acme.connection.client_secret_sealed


def test_hosts_that_nobody_accepted_are_among_what_is_approved(staff, acme):
    moved_version(acme)

    page = staff.get("partners_partner_versions", acme.partner.pk).content.decode()

    row = page.partition("Hosts of its endpoints")[2].partition("</tr>")[0]
    here = urlsplit(acme.issuer.url).netloc
    assert f"<td>{here}</td><td>{here}, elsewhere.example</td><td>yes</td>" in row


def test_a_slash_at_the_end_makes_no_other_issuer(acme):
    form = form_of(acme, issuer=f"{acme.connection.issuer}/")

    assert form.is_valid(), form.errors
    assert client_secret_of(form.save()) == client_secret_of(acme.connection)
