"""An issuer from what somebody typed: its parts, or the address of the provider's documents."""

import re
from collections.abc import Mapping

from onboarding.providers.product import Issuer, Part

DISCOVERY_PATHS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
"""What comes after the issuer where its documents are: Discovery 1.0, section 4, and RFC 8414."""

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_OPTIONAL = re.compile(r"\[([^\]]*)\{(\w+)\}([^\]]*)\]")


def issuer_of_address(address: str) -> str:
    """Return the issuer of a pasted *address*, which may be that of its discovery document."""
    address = address.strip()
    for path in DISCOVERY_PATHS:
        before, found, _ = address.partition(path)
        if found:
            return before
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    # Scheme and host have no case; of the rest, the provider's own spelling counts.
    return f"{scheme.lower()}://{host.lower()}{slash}{path}" if separator else address


def cleaned_part(part: Part, typed: str) -> str:
    """Return the *part* as it stands in an issuer, of what was *typed* or pasted for it."""
    cleaned = _SCHEME.sub("", typed.strip()).rstrip("/")
    return cleaned if part.is_case_kept else cleaned.lower()


def is_fitting(part: Part, cleaned: str) -> bool:
    """Return whether this can be the *part*."""
    if not cleaned:
        return part.is_optional
    return re.fullmatch(part.pattern, cleaned) is not None


def issuer_of_parts(issuer: Issuer, parts: Mapping[str, str]) -> str:
    """Return the issuer built of its cleaned *parts*, by their names."""
    template = _OPTIONAL.sub(lambda found: _kept(found, parts), issuer.template)
    return template.format_map(_with_groups(issuer, parts))


def pins_of_parts(issuer: Issuer, parts: Mapping[str, str], *, partner: str) -> dict[str, str]:
    """Return the claims that tell this *partner*'s people apart, as far as the parts say it."""
    known = {**_with_groups(issuer, parts), "partner": partner}
    built = {claim: template.format_map(known) for claim, template in issuer.pins.items()}
    return {claim: value for claim, value in built.items() if value}


def parts_of_issuer(issuer: Issuer, address: str) -> dict[str, str] | None:
    """Return the parts of which *address* was built, ``None`` when it was not built like this."""
    if not issuer.template:
        return None
    pattern = re.escape(issuer.template).replace(r"\[", "(?:").replace(r"\]", ")?")
    named = {part.name: part for part in issuer.parts}
    for name, part in named.items():
        pattern = pattern.replace(rf"\{{{name}\}}", f"(?P<{name}>{part.pattern})")
    # What is a group of some part's pattern is somewhere else in the template.
    pattern = re.sub(r"\\\{\w+\\\}", r"[^/]+?", pattern)
    found = re.fullmatch(pattern, address)
    if found is None:
        return None
    return {name: found.groupdict("").get(name, "") for name in named}


def parts_of_pasted(issuer: Issuer, typed: str) -> dict[str, str] | None:
    """Return the parts of a *typed* issuer or discovery address, however its end was copied."""
    address = issuer_of_address(typed)
    if "/" not in address:
        return None
    address = address if "://" in address else f"https://{address}"
    bare = address.rstrip("/")
    found = (parts_of_issuer(issuer, one) for one in (address, bare, f"{bare}/"))
    return next((parts for parts in found if parts is not None), None)


def parts_of_pins(issuer: Issuer, pins: Mapping[str, object]) -> dict[str, str]:
    """Return the parts that are known from the pinned claims alone."""
    names = {template: part.name for part in issuer.parts for template in [f"{{{part.name}}}"]}
    return {
        names[template]: str(pins[claim])
        for claim, template in issuer.pins.items()
        if template in names and claim in pins
    }


def _kept(found: re.Match[str], parts: Mapping[str, str]) -> str:
    before, name, after = found.groups()
    return f"{before}{{{name}}}{after}" if parts.get(name) else ""


def _with_groups(issuer: Issuer, parts: Mapping[str, str]) -> dict[str, str]:
    known = {part.name: parts.get(part.name, "") for part in issuer.parts}
    for part in issuer.parts:
        found = re.fullmatch(part.pattern, known[part.name])
        known.update(found.groupdict("") if found else {})
    return known
