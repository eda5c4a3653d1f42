"""What somebody sees who opens the emulator's own address: what it is."""

from html import escape
from string import Template

from demo.cognito.operations import Pool
from demo.provider.messages import Answer

PAGE = Template("""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The Cognito emulator</title>
<link rel="icon" href="data:,">
<h1>The Cognito emulator</h1>
<p>It answers for Amazon Cognito: the portal asks it for developer tokens, over the API that
boto3 speaks, by POST to this address. People have no business here.</p>
<dl>
<dt>Identity pool</dt><dd><code>$pool_id</code></dd>
<dt>Developer provider name</dt><dd><code>$developer_provider_name</code></dd>
<dt>Issuer of its tokens</dt><dd><code>$issuer</code></dd>
<dt>Keys of its tokens</dt><dd><a href="/.well-known/jwks_uri">/.well-known/jwks_uri</a></dd>
<dt>Identities so far</dt><dd>$identities</dd>
</dl>
""")

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; img-src data:; base-uri 'none'",
}


def front_page(pool: Pool) -> Answer:
    """Answer with what the emulator is, and of which *pool*."""
    texts = {
        "pool_id": pool.pool_id,
        "developer_provider_name": pool.developer_provider_name,
        "issuer": pool.issuer,
        "identities": str(len(pool.identities.all())),
    }
    page = PAGE.substitute({name: escape(text) for name, text in texts.items()})
    return Answer(headers=HEADERS, body=page.encode())
