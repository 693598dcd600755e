/** A program's window, as a bot or a script asks it. */

import { expect } from "vitest";
import type { Program } from "./program.ts";

/** Asks with a token as it is given in `Authorization`, and gives back the answer's body. */
export type Asks = (method: string, path: string, body?: unknown) => Promise<Answer>;

// biome-ignore lint/suspicious/noExplicitAny: what is asked for is read by its name
export type Answer = any;

export function asking(program: Program, authorization: string): Asks {
  return async (method, path, body) => {
    const response = await fetch(`${program.origin}/api/v10${path}`, {
      method,
      headers: { authorization, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
    return text === "" ? null : JSON.parse(text);
  };
}

/** Makes a bot, lets it into a guild with these permissions, and speaks for it. */
export async function botIn(
  program: Program,
  owner: Asks,
  guildId: string,
  permissions: bigint,
): Promise<{ bot: Asks; id: string }> {
  const application = await owner("POST", "/applications", { name: "Clerk" });
  const { token } = await owner("POST", `/applications/${application.id}/bot/reset`, {});
  const path = `/oauth2/authorize?client_id=${application.id}&scope=bot+applications.commands`;
  await owner("POST", path, { guild_id: guildId, permissions: String(permissions), authorize: true });
  return { bot: asking(program, `Bot ${token}`), id: application.id };
}
