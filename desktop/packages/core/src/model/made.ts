/** What somebody makes here, and what may wait in the outbox until it is there. */

import type { Forwarded, Id, Millis } from "./entities.ts";

/** What is to be asked. */
export interface NewPoll {
  readonly question: string;
  readonly answers: readonly NewAnswer[];
  readonly multiple: boolean;
  /** How long it goes on. */
  readonly hours: number;
}

export interface NewAnswer {
  readonly text: string;
  /** The emoji itself, or `name:id` of a custom one. */
  readonly emoji: string | null;
}

/** A message that is to be passed on. */
export interface NewForward {
  readonly channelId: Id;
  readonly messageId: Id;
  /** What it said when that was wished for. */
  readonly shown: Forwarded;
}

export interface NewThread {
  readonly name: string;
  /** The message that it is made from. */
  readonly messageId?: Id;
  /** Only for who is brought in; not from a message. */
  readonly private?: boolean;
}

export interface NewPost {
  readonly name: string;
  readonly content: string;
  readonly tags: readonly Id[];
}

export interface NewEvent {
  readonly name: string;
  readonly description: string | null;
  readonly startsAt: Millis;
  /** In a voice channel, or elsewhere: then it has an end. */
  readonly place:
    | { readonly channelId: Id; readonly endsAt: Millis | null }
    | { readonly location: string; readonly endsAt: Millis };
}

/** What is no message. */
export type Made =
  | { readonly kind: "thread"; readonly thread: NewThread }
  | { readonly kind: "post"; readonly post: NewPost }
  | { readonly kind: "event"; readonly event: NewEvent };
