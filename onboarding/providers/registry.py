"""The products that are known, each from its own file in ``products``."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from onboarding.providers import products
from onboarding.providers.product import Product
from partners.models import Kind


@cache
def all_products() -> tuple[Product, ...]:
    """Return every product, in the order of ``Kind``: the one that stands for any other is last."""
    names = [module.name for module in iter_modules(products.__path__)]
    found = [import_module(f"{products.__name__}.{name}").PRODUCT for name in names]
    order = list(Kind)
    return tuple(sorted(found, key=lambda product: order.index(product.kind)))


def product_of(kind: str) -> Product:
    """Return what is told about the product of this *kind*; raises ``LookupError``."""
    return _by_kind()[Kind(kind)]


@cache
def _by_kind() -> dict[Kind, Product]:
    return {product.kind: product for product in all_products()}
