/** Somebody else in a guild: a bot, which may also write faster than a person. */

export interface Bot {
  readonly id: string;
  say(channelId: string, content: string): Promise<void>;
}

/** Makes a bot and lets it into a guild of the owner's. */
export async function botIn(origin: string, token: string, guildId: string): Promise<Bot> {
  const made = await ask<{ id: string }>(origin, token, "/applications", { name: "Hal" });
  const reset = await ask<{ token: string }>(origin, token, `/applications/${made.id}/bot/reset`, {});
  const wish = { guild_id: guildId, permissions: "3072", authorize: true };
  await ask(origin, token, `/oauth2/authorize?client_id=${made.id}&scope=bot`, wish);
  return {
    id: made.id,
    say: async (channelId, content) => {
      await ask(origin, `Bot ${reset.token}`, `/channels/${channelId}/messages`, { content });
    },
  };
}

/** Who is told to wait does, as every library does. */
async function ask<T>(origin: string, authorization: string, path: string, body: unknown): Promise<T> {
  const response = await fetch(`${origin}/api/v10${path}`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status === 429) {
    const { retry_after } = (await response.json()) as { retry_after: number };
    await new Promise((resolve) => setTimeout(resolve, retry_after * 1_000));
    return ask(origin, authorization, path, body);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
