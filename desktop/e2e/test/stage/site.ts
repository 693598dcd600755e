/** A bot's website: it signs people in at a relay by `openid-client`, as its makers ship it. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as oidc from "openid-client";
import type { Asks } from "./api.ts";
import type { Program } from "./program.ts";

export interface Site {
  readonly origin: string;
  readonly id: string;
  /** What it was given last. */
  tokens(): oidc.TokenEndpointResponse;
  /** Gets the next tokens with those. */
  refresh(): Promise<oidc.TokenEndpointResponse>;
  stop(): Promise<void>;
}

interface Begun {
  readonly verifier: string;
  readonly nonce: string;
}

const SCOPE = "openid identify email guilds";

/** `maker`: who makes its application. */
export async function startSite(relay: Program, maker: Asks, name: string): Promise<Site> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const redirect = `${origin}/callback`;
  const application = await maker("POST", "/applications", { name, description: "Its own pages." });
  await maker("PATCH", `/applications/${application.id}`, { redirect_uris: [redirect] });
  const { secret } = await maker("POST", `/applications/${application.id}/reset`, {});
  const config = await oidc.discovery(
    new URL(relay.origin),
    application.id,
    { client_secret: secret, id_token_signed_response_alg: "RS256" },
    oidc.ClientSecretBasic(secret),
    { execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
  const begun = new Map<string, Begun>();
  let tokens: (oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers) | undefined;

  /** Sends a browser to the relay. */
  async function begin(answer: ServerResponse): Promise<void> {
    const [state, verifier, nonce] = [oidc.randomState(), oidc.randomPKCECodeVerifier(), oidc.randomNonce()];
    begun.set(state, { verifier, nonce });
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirect,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    answer.writeHead(302, { location: url.href }).end();
  }

  /** A browser came back. */
  async function finish(url: URL, answer: ServerResponse): Promise<void> {
    const state = url.searchParams.get("state") ?? "";
    const { verifier, nonce } = begun.get(state) ?? { verifier: "", nonce: "" };
    tokens = await oidc.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const subject = tokens.claims()?.sub ?? "";
    const info = await oidc.fetchUserInfo(config, tokens.access_token, subject);
    say(answer, `Hello, ${info.preferred_username}`, `${info.email}`);
  }

  async function serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", origin);
    if (url.pathname === "/") return begin(answer);
    if (url.pathname === "/callback") return finish(url, answer);
    answer.writeHead(404).end();
  }

  server.on("request", (request, answer) => {
    serve(request, answer).catch((error: unknown) => {
      const denied = error instanceof oidc.AuthorizationResponseError ? error.error : String(error);
      say(answer, "Not signed in", denied);
    });
  });
  const given = () => {
    if (tokens === undefined) throw new Error("nobody has signed in");
    return tokens;
  };
  return {
    origin,
    id: application.id,
    tokens: given,
    async refresh() {
      tokens = await oidc.refreshTokenGrant(config, given().refresh_token ?? "");
      return tokens;
    },
    stop: () => close(server),
  };
}

function say(answer: ServerResponse, title: string, text: string): void {
  answer.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  answer.end(`<!doctype html><html lang="en"><title>Site</title><h1>${title}</h1><p>${text}</p></html>`);
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}
