"""What people see at a company's provider: plain HTML with one stylesheet, and no script."""

from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode, urlsplit

from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Parameters, Request, with_query
from demo.provider.values import Account, Client

FOLDER = Path(__file__).parent.parent / "pages"
TEMPLATES = {path.name: Template(path.read_text("utf-8")) for path in sorted(FOLDER.iterdir())}


def sign_in(
    issuer: Issuer,
    client: Client,
    parameters: Parameters,
    *,
    hint: str | None,
    is_unknown: bool = False,
) -> Answer:
    """Answer with the page on which a person chooses an account, *hint* filled in.

    The form repeats the authorization request in its address.
    """
    hinted = issuer.account(hint)
    main = filled(
        "sign_in.html",
        action=f"/{issuer.slug}/sign-in?{urlencode(parameters.pairs)}",
        client=client.name,
        company=issuer.name,
        hint=hint or "",
        invalid="true" if is_unknown else "false",
        html={
            "problem": filled("unknown.html", company=issuer.name) if is_unknown else "",
            "described": ' aria-describedby="problem"' if is_unknown else "",
            "accounts": _account_buttons(issuer, hinted),
        },
    )
    return _page(issuer, "Sign in", main, client=client)


def problem(issuer: Issuer, description: str) -> Answer:
    """Answer 400 with what is wrong with a request that may not be answered by redirect."""
    main = filled("problem.html", company=issuer.name, description=description)
    return _page(issuer, "Not possible", main, status=400)


def signed_out(issuer: Issuer, client: Client | None) -> Answer:
    """Answer with the page that says so."""
    main = filled(
        "signed_out.html",
        company=issuer.name,
        href=_origin(client.redirect_uri) if client else f"/{issuer.slug}/apps",
        label=f"Back to {client.name}" if client else "Your applications",
    )
    return _page(issuer, "Signed out", main)


def apps(issuer: Issuer, request: Request) -> Answer:
    """Answer with the company's own page of applications, where sign-ins begin that it starts."""
    session = issuer.sessions.find(request.cookie(issuer.cookie_name))
    account = session.account if session else None
    tiles = "".join(
        filled("tile.html", name=client.name, href=_initiation(issuer, client, account))
        for client in issuer.clients.values()
        if client.initiate_login_uri
    )
    who = (
        filled("present.html", name=account.name, logout=f"/{issuer.slug}/logout")
        if account
        else filled(
            "absent.html",
            action=f"/{issuer.slug}/sign-in",
            html={"accounts": _account_buttons(issuer, None)},
        )
    )
    main = filled("apps.html", company=issuer.name, html={"tiles": tiles, "who": who})
    return _page(issuer, "Applications", main)


def style(issuer: Issuer, _request: Request) -> Answer:
    """Answer with the stylesheet in this company's colours."""
    colours = {"accent": issuer.config.accent, "backdrop": issuer.config.backdrop}
    return Answer(
        headers={"Content-Type": "text/css; charset=utf-8", "Cache-Control": "max-age=300"},
        body=TEMPLATES["style.css"].substitute(colours).encode(),
    )


def logo(issuer: Issuer, _request: Request) -> Answer:
    """Answer with the company's logo, 404 where it has none."""
    if not issuer.config.logo:
        return Answer(status=404)
    headers = {"Content-Type": "image/png", "Cache-Control": "max-age=300"}
    return Answer(headers=headers, body=issuer.config.logo)


def filled(template: str, *, html: dict[str, str] | None = None, **texts: str) -> str:
    """Return the page's part with *texts* escaped into it and *html* as it is."""
    escaped = {name: escape(text) for name, text in texts.items()}
    return TEMPLATES[template].substitute({**escaped, **(html or {})})


def _initiation(issuer: Issuer, client: Client, account: Account | None) -> str:
    """Return where a sign-in started here begins: Core 1.0, section 4."""
    parameters = {"iss": issuer.issuer, "target_link_uri": f"{_origin(client.redirect_uri)}/"}
    if account is not None:
        parameters["login_hint"] = account.email
    return with_query(client.initiate_login_uri, parameters)


def _account_buttons(issuer: Issuer, hinted: Account | None) -> str:
    return "".join(
        filled(
            "account.html",
            initials="".join(word[0] for word in account.name.split()[:2]).upper() or "?",
            name=account.name or account.email,
            email=account.email,
            note=account.note,
            kind="account account-hinted" if account is hinted else "account",
        )
        for account in issuer.accounts.values()
    )


def _page(
    issuer: Issuer, title: str, main: str, *, status: int = 200, client: Client | None = None
) -> Answer:
    brand = "brand_logo.html" if issuer.config.logo else "brand_name.html"
    document = filled(
        "base.html",
        title=f"{title} – {issuer.name}",
        company=issuer.name,
        slug=issuer.slug,
        html={
            "brand": filled(brand, company=issuer.name, logo=f"/{issuer.slug}/logo.png"),
            "main": main,
        },
    )
    # Browsers hold the redirects that follow a form to form-action too, so it names the client.
    form_targets = f"'self' {_origin(client.redirect_uri)}" if client else "'self'"
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {form_targets}"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(status=status, headers=headers, body=document.encode())


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"
