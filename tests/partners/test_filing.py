import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.filing import SORT_KEY_CHARACTERS, folded, initials_of, letter_of, sort_key_of
from partners.models import Partner
from tests.partners.conftest import partner_named


@pytest.mark.parametrize(
    ("name", "letter", "sort_key"),
    [
        ("Acme", "A", "acme"),
        ("Ångström", "A", "angstrom"),
        ("Ørsted", "O", "orsted"),
        ("Łódź Works", "L", "lodz works"),
        ("Straße & Söhne", "S", "strasse & sohne"),
        ("  (ISC)²  ", "I", "isc)2"),
        ("3M", "0-9", "3m"),
        ("٣ Stars", "0-9", "3 stars"),
        ("İstanbul", "I", "istanbul"),
        ("Яндекс", "Я", "яндекс"),
        ("東京", "東", "東京"),
        ("ガス", "カ", "カ\u3099ス"),
        ("***", "#", ""),
    ],
)
def test_files_a_name_where_people_look_for_it(name, letter, sort_key):
    assert sort_key_of(name) == sort_key
    assert letter_of(sort_key) == letter


@given(st.text(max_size=120))
def test_every_name_has_a_place(name):
    key = sort_key_of(name)

    assert len(key) <= SORT_KEY_CHARACTERS
    assert 1 <= len(letter_of(key)) <= 3
    assert "\x00" not in key


@given(st.lists(st.text(min_size=1, max_size=3), max_size=30))
def test_sorting_never_tears_a_letter_apart(names):
    letters = [letter_of(key) for key in sorted(map(sort_key_of, names))]

    runs = [letter for i, letter in enumerate(letters) if i == 0 or letters[i - 1] != letter]
    assert len(runs) == len(set(runs))


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Contoso", "C"),
        ("Brightwater Labs Ltd", "BL"),
        ("élan-vital", "ÉV"),
        ("3M", "3"),
        ("!", ""),
    ],
)
def test_two_letters_stand_in_for_a_logo(name, initials):
    assert initials_of(name) == initials


@pytest.mark.django_db
def test_a_partner_is_filed_anew_whenever_its_names_are_saved():
    partner = partner_named("Élan", slug="elan", aliases=["Société Élan"])
    assert (partner.sort_key, partner.letter) == ("elan", "E")

    partner.name = "Vital"
    partner.save(update_fields=["name"])

    partner = Partner.objects.get()
    assert (partner.sort_key, partner.letter) == ("vital", "V")
    assert partner.search_text == "vital\nsociete elan"
