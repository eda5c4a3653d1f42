"""Writing partner files in tests."""

import json

from partners.files.importing import import_partners
from partners.files.problems import PartnerFileError


def record_of(slug="contoso", **members):
    """The least that a new partner needs, with *members* on top; ``...`` leaves one out."""
    record = {
        "slug": slug,
        "name": slug.title(),
        "domains": [f"{slug}.example"],
        "connection": connection_record(slug),
        **members,
    }
    return {name: value for name, value in record.items() if value is not ...}


def connection_record(slug="contoso", **members):
    connection = {
        "issuer": f"https://login.{slug}.example",
        "client_id": "foyer",
        "client_secret": f"secret of {slug}",
        **members,
    }
    return {name: value for name, value in connection.items() if value is not ...}


class PartnerFile:
    """A partner file in a folder of its own."""

    def __init__(self, folder):
        self.path = folder / "partners.json"

    def imported(self, *records, **options):
        """Import *records*; return slug and what was done, of each."""
        return [(outcome.slug, outcome.what) for outcome in self.outcomes(*records, **options)]

    def outcomes(self, *records, **options):
        """Import *records*; return the outcome of each."""
        self.path.write_text(json.dumps({"partners": list(records)}))
        return import_partners(self.path, actor="the test", **options)

    def changes(self, *records):
        """Import *records*; return the members that the first of them changed."""
        return self.outcomes(*records)[0].changed

    def problems(self, *records):
        """Import *records*, which has to fail; return the problems."""
        try:
            self.imported(*records)
        except PartnerFileError as error:
            return error.problems
        raise AssertionError("the file was imported")

    def problem(self, *records):
        """Import *records*, which has to fail for one reason; return that."""
        (problem,) = self.problems(*records)
        return problem
