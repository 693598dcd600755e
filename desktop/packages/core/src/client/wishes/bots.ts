/** Bots of one's own: made, edited, and given what they log in with. */

import type { Bot, BotChange } from "../../model/bot.ts";
import { compareIds, type Id } from "../../model/entities.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { WireBot } from "../../wire/rest.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { mapOutcome } from "../rest.ts";

type OfBots = Pick<
  Actions,
  "bots" | "createBot" | "editBot" | "deleteBot" | "renewBotToken" | "renewBotSecret"
>;

export function botWishes({ rest }: Engine): OfBots {
  async function renewed<K extends string>(path: string, what: K): Promise<Outcome<string>> {
    const outcome = await rest.call<Record<K, string>>({ method: "POST", path, body: {} });
    return mapOutcome(outcome, (from) => from[what]);
  }

  return {
    async bots() {
      const outcome = await rest.call<readonly WireBot[]>({ method: "GET", path: "/applications" });
      return mapOutcome(outcome, (all) => all.map(decoded).toSorted((a, b) => compareIds(a.id, b.id)));
    },
    async createBot(name) {
      return mapOutcome(
        await rest.call<WireBot>({ method: "POST", path: "/applications", body: { name } }),
        decoded,
      );
    },
    async editBot(id, change) {
      const path = pathOf(id);
      return mapOutcome(await rest.call<WireBot>({ method: "PATCH", path, body: changed(change) }), decoded);
    },
    deleteBot: (id) =>
      rest.call<void>({ method: "POST", path: `${pathOf(id)}/delete`, body: {}, once: true }),
    renewBotToken: (id) => renewed(`${pathOf(id)}/bot/reset`, "token"),
    renewBotSecret: (id) => renewed(`${pathOf(id)}/reset`, "secret"),
  };
}

function pathOf(id: Id): string {
  return `/applications/${id}`;
}

/** What is not named stays as it is: absent fields are left out by JSON. */
function changed({ name, description, endpoint, flags, redirects, isPublic }: BotChange) {
  return {
    name,
    description,
    interactions_endpoint_url: endpoint,
    flags: flags === undefined ? undefined : Number(flags),
    redirect_uris: redirects,
    public_client: isPublic,
  };
}

function decoded(from: WireBot): Bot {
  const { redirect_uris: redirects, public_client: isPublic } = from;
  return {
    id: from.id,
    name: from.name,
    description: from.description,
    publicKey: from.verify_key,
    endpoint: from.interactions_endpoint_url ?? "",
    flags: BigInt(from.flags_new),
    guilds: from.approximate_guild_count,
    // A program that signs nobody in says nothing of it.
    site: isPublic === undefined ? null : { redirects, isPublic },
  };
}
