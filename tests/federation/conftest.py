import pytest

from tests.support.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Give a certificate authority that nobody trusts unless told to."""
    return Authority(tmp_path_factory.mktemp("authority"))
