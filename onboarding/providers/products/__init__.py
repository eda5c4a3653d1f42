"""A file for each product, which says in ``PRODUCT`` what differs there: data and no code."""
