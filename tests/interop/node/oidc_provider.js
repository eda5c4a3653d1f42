// OpenID Providers by oidc-provider, an issuer a path: what they are comes as JSON on standard input.
//
// {"port": 1234, "providers": {"<slug>": {"client": {...}, "in_user_info": false}}}

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import Provider from "oidc-provider";

const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

const KEYS = [
  generateKeyPairSync("rsa", { modulusLength: 2048 }),
  ...["P-256", "P-384", "P-521"].map((namedCurve) => generateKeyPairSync("ec", { namedCurve })),
  generateKeyPairSync("ed25519"),
].map(({ privateKey }) => ({ ...privateKey.export({ format: "jwk" }), use: "sig" }));

// It calls no special address unless told to, and the portal is at one.
const directly = (url, { dispatcher, ...options }) => fetch(url, options);

function provider(issuer, slug, { client, in_user_info }) {
  return new Provider(issuer, {
    clients: [client],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    claims: { email: ["email", "email_verified"], profile: ["name"] },
    // True is Core 1.0, section 5.4: who has an access token finds the claims at UserInfo only.
    conformIdTokenClaims: in_user_info,
    cookies: { keys: ["of tests"] },
    enabledJWA: { idTokenSigningAlgValues: ALGORITHMS },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: false } },
    fetch: directly,
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        email: `${sub}@${slug}.example`,
        email_verified: true,
        name: "Ana Sousa",
      }),
    }),
    interactions: { url: (_, interaction) => `/${slug}/interaction/${interaction.uid}` },
    jwks: { keys: KEYS },
    loadExistingGrant,
    pkce: { required: () => true },
  });
}

async function loadExistingGrant({ oidc }) {
  const { clientId } = oidc.client;
  const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

async function signIn(issuer, request, response) {
  const { params } = await issuer.interactionDetails(request, response);
  const accountId = (params.login_hint ?? "ana").split("@")[0];
  await issuer.interactionFinished(request, response, { login: { accountId } });
}

const { port, providers } = JSON.parse(await text(process.stdin));
const issuers = new Map(
  Object.entries(providers).map(([slug, about]) => [
    slug,
    provider(`http://localhost:${port}/${slug}`, slug, about),
  ]),
);

createServer((request, response) => {
  const [, slug, first] = request.url.split(/[/?]/);
  const issuer = issuers.get(slug);
  if (!issuer) {
    response.writeHead(404).end();
  } else if (first === "interaction") {
    signIn(issuer, request, response);
  } else {
    // As Express does for what is mounted at a path.
    request.originalUrl = request.url;
    request.url = request.url.slice(slug.length + 1);
    issuer.callback()(request, response);
  }
}).listen(port, "localhost", () => console.log("ready"));
