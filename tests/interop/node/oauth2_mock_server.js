// OpenID Providers by oauth2-mock-server, an issuer a path: what they are comes as JSON on standard
// input. It knows no clients and no people: whoever comes is signed in as whom it is told.
//
// {"port": 1234, "providers": {"<slug>": {
//   "alg": "RS256", "id_token": {...}, "user_info": {...}, "metadata": {...}}}}

import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { OAuth2Issuer, OAuth2Service } from "oauth2-mock-server";

const DISCOVERY = "/.well-known/openid-configuration";

async function handlerOf(issuerUrl, { alg, id_token, user_info, metadata }) {
  const issuer = new OAuth2Issuer();
  issuer.url = issuerUrl;
  await issuer.keys.generate(alg);
  const service = new OAuth2Service(issuer);
  service.on("beforeTokenSigning", ({ payload }) => Object.assign(payload, id_token));
  service.on("beforeUserinfo", (answer) => Object.assign(answer.body, user_info));
  return (request, response) => {
    if (request.url === DISCOVERY) {
      addToWhatIsSaid(response, metadata);
    }
    service.requestHandler(request, response);
  };
}

// Its document is the same whatever it can do: one way to authenticate, and one algorithm.
function addToWhatIsSaid(response, members) {
  const { end } = response;
  response.end = (body, ...rest) => {
    response.removeHeader("Content-Length");
    return end.call(response, JSON.stringify({ ...JSON.parse(body), ...members }), ...rest);
  };
}

const { port, providers } = JSON.parse(await text(process.stdin));
const handlers = new Map();
for (const [slug, about] of Object.entries(providers)) {
  handlers.set(slug, await handlerOf(`http://localhost:${port}/${slug}`, about));
}

createServer((request, response) => {
  const [, slug] = request.url.split(/[/?]/);
  const handler = handlers.get(slug);
  if (!handler) {
    response.writeHead(404).end();
    return;
  }
  request.url = request.url.slice(slug.length + 1);
  handler(request, response);
}).listen(port, "localhost", () => console.log("ready"));
