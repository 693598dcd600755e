/** Bots that one has made, and what is changed of one. */

import type { Id } from "./entities.ts";

export interface Bot {
  readonly id: Id;
  readonly name: string;
  readonly description: string;
  /** Ed25519, in hex: by it whoever is asked by HTTP checks who asks. */
  readonly publicKey: string;
  /** Where it is asked by HTTP in place of its gateway sessions; empty: nowhere. */
  readonly endpoint: string;
  /** Discord's, of an application. */
  readonly flags: bigint;
  /** Guilds that it is in, as far as this program knows. */
  readonly guilds: number;
  /** Null: this program signs nobody in anywhere. */
  readonly site: BotSite | null;
}

/** A website of its maker's that people sign in to. */
export interface BotSite {
  /** Where people are sent back to. */
  readonly redirects: readonly string[];
  /** It runs where anybody can look, and keeps no secret. */
  readonly isPublic: boolean;
}

/** What a bot hears only if its maker says so. */
export type Hearing = "content" | "members" | "presences";

/** Only what is named changes. */
export interface BotChange {
  readonly name?: string;
  readonly description?: string;
  readonly endpoint?: string;
  readonly flags?: bigint;
  readonly redirects?: readonly string[];
  readonly isPublic?: boolean;
}

/** As it is filled in. */
export interface BotForm {
  readonly name: string;
  readonly description: string;
  readonly endpoint: string;
  readonly flags: bigint;
  /** One a line. */
  readonly redirects: string;
  readonly isPublic: boolean;
}

/** Discord's two flags of each: of an application in many guilds, and of one in few. Either switches it on. */
const FLAGS: Readonly<Record<Hearing, { readonly many: bigint; readonly few: bigint }>> = {
  presences: { many: 1n << 12n, few: 1n << 13n },
  members: { many: 1n << 14n, few: 1n << 15n },
  content: { many: 1n << 18n, few: 1n << 19n },
};

export function hears(flags: bigint, what: Hearing): boolean {
  const { many, few } = FLAGS[what];
  return (flags & (many | few)) !== 0n;
}

export function withHearing(flags: bigint, what: Hearing, on: boolean): bigint {
  const { many, few } = FLAGS[what];
  return on ? flags | few : flags & ~(many | few);
}

export function botForm({ name, description, endpoint, flags, site }: Bot): BotForm {
  const redirects = (site?.redirects ?? []).join("\n");
  return { name, description, endpoint, flags, redirects, isPublic: site?.isPublic ?? false };
}

/** Null: nothing was changed. Blanks at an end change nothing. */
export function botChange(bot: Bot, form: BotForm): BotChange | null {
  const [name, description, endpoint] = [form.name.trim(), form.description.trim(), form.endpoint.trim()];
  const redirects = form.redirects
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const change: BotChange = {
    ...(name === bot.name ? {} : { name }),
    ...(description === bot.description ? {} : { description }),
    ...(endpoint === bot.endpoint ? {} : { endpoint }),
    ...(form.flags === bot.flags ? {} : { flags: form.flags }),
    ...(redirects.join("\n") === (bot.site?.redirects ?? []).join("\n") ? {} : { redirects }),
    ...(form.isPublic === (bot.site?.isPublic ?? false) ? {} : { isPublic: form.isPublic }),
  };
  return Object.keys(change).length === 0 ? null : change;
}
