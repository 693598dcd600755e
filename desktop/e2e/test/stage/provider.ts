/** A provider of OpenID Connect on loopback: `oidc-provider`, as its makers ship it, with PKCE asked for. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Provider from "oidc-provider";
import type { Page } from "playwright-core";

export interface Mock {
  readonly origin: string;
  /** Flags of a relay that takes it for a provider. */
  readonly flags: readonly string[];
  /** From now on it knows a relay. */
  knows(relay: string): void;
  stop(): Promise<void>;
}

const CLIENT = "our relay";
const SECRET = "a secret: 100% of it";

export async function startProvider(): Promise<Mock> {
  const folder = await mkdtemp(join(tmpdir(), "nexus-sign-in-"));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const list = join(folder, "sign-in.toml");
  const lines = [
    "[[provider]]",
    "id = 'mock'",
    "name = 'Mock'",
    `issuer = '${origin}'`,
    `client_id = '${CLIENT}'`,
    "client_secret_file = 'secret'",
  ];
  await writeFile(list, lines.join("\n"));
  await writeFile(join(folder, "secret"), SECRET);
  return {
    origin,
    flags: ["--sign-in", list],
    knows: (relay) => void server.on("request", providerFor(origin, `${relay}/sign-in/mock`)),
    async stop() {
      await close(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function providerFor(origin: string, redirect: string) {
  const provider = new Provider(origin, {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: [redirect] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key of the tests"] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@mail.example`,
        email_verified: true,
        preferred_username: id,
      }),
    }),
  });
  return provider.callback();
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}

/** Somebody at the provider's own pages says who they are, and agrees. */
export async function agreeAs(page: Page, name: string): Promise<void> {
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("whatever");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
