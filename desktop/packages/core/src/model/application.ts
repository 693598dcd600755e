/** Applications of others that ask for something, and those that one has let do it. */

import type { Id } from "./entities.ts";

export interface Asker {
  readonly id: Id;
  readonly name: string;
  readonly description: string;
  /** Who made it. */
  readonly maker: string;
}

/** What an application asks one for. */
export interface Asking {
  readonly application: Asker;
  /** In Discord's words for them. */
  readonly scopes: readonly string[];
  /** Its bot is to come into a guild .. */
  readonly bot: boolean;
  /** .. with these permissions; none: it asks for none, and one may choose. */
  readonly permissions: bigint;
  /** Where one is sent back to; null: nowhere. */
  readonly redirect: string | null;
  /** One has let it do all of this before. */
  readonly authorized: boolean;
  /** It asks for something that is not there: what is told, and where one goes back to with it. */
  readonly wrong: { readonly words: string; readonly location: string } | null;
}

export type AskingAnswer =
  | { readonly authorize: false }
  | {
      readonly authorize: true;
      readonly guildId: Id | null;
      /** What was chosen; null: nothing is said of it, and a bot that is there keeps what it has. */
      readonly permissions: bigint | null;
    };

/** A sign-in elsewhere, by Discord's word for where. */
export interface Connection {
  readonly service: string;
  readonly id: string;
  /** Applications that may see one's connections see it. */
  readonly shown: boolean;
}

/** An application that acts for oneself. */
export interface Authorized {
  readonly id: Id;
  readonly application: Asker;
  readonly scopes: readonly string[];
  /** Unix ms. */
  readonly since: number;
  readonly used: number;
}
