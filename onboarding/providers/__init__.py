"""What is known of the products with which companies sign their people in.

``product`` is the form, ``products`` has a file for each, ``registry`` finds them, and ``texts``
fills in what differs from partner to partner. ``issuers`` builds an issuer of its parts, and
``guessing`` tells from a company's domain which product it probably has.

To add one: a kind in ``partners.models.Kind`` with its migration, and a file in ``products``.
"""

from onboarding.providers.product import Product, Value
from onboarding.providers.registry import all_products, product_of
from onboarding.providers.texts import guide_of, marked_up, plain, remedy_steps, values_of

__all__ = [
    "Product",
    "Value",
    "all_products",
    "guide_of",
    "marked_up",
    "plain",
    "product_of",
    "remedy_steps",
    "values_of",
]
