"""Hostile partners, browsers and providers against the running portal, one test a case.

A test is named by its case: group, number, and what is tried.
"""

import pytest

# Before anything imports it: what does not hold is then shown with its values.
pytest.register_assert_rewrite("tests.security.invariants")
