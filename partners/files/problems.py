"""What is wrong with a partner file, all of it, each by its path."""


class PartnerFileError(Exception):
    """The file cannot be imported; ``problems`` are lines such as ``partners[3].slug: …``."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Problems:
    """The problems found so far: the first of each path, since others only follow from it."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def add(self, path: str, text: str) -> None:
        """Note that what stands at *path* is wrong; *text* says what."""
        self._texts.setdefault(path, text)

    def raise_if_any(self) -> None:
        """Raise ``PartnerFileError`` with all problems, unless there are none."""
        if self._texts:
            raise PartnerFileError([f"{path}: {text}" for path, text in self._texts.items()])
