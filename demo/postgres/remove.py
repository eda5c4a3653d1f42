"""``python -m demo.postgres.remove``: remove the demo's database of this checkout."""

import sys
from pathlib import Path

from demo.postgres.home import forget, home_of
from demo.postgres.programs import PostgresError

if __name__ == "__main__":
    try:
        forget(home_of(Path(__file__).parents[2]))
    except PostgresError as error:
        sys.exit(str(error))
