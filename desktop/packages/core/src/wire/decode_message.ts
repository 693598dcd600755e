/** From the wire to the entities: messages. */

import type {
  Answered,
  Attachment,
  Embed,
  Forwarded,
  Message,
  MessageKind,
  Poll,
  Reaction,
} from "../model/entities.ts";
import { time } from "./decode.ts";
import type * as wire from "./generated.ts";

export type WireMessage = wire.Message & { readonly guild_id?: string };

const KINDS: Readonly<Record<number, MessageKind>> = {
  0: "plain",
  1: "added",
  2: "removed",
  4: "named",
  6: "pinned",
  7: "joined",
  19: "reply",
};

/** `guildId`: of its channel; REST does not say. */
export function message(from: WireMessage, guildId: string | null): Message {
  const { author, mentions } = from;
  return {
    id: from.id,
    channelId: from.channel_id,
    guildId: from.guild_id ?? guildId,
    authorId: author.id,
    kind: from.nexus?.brought === undefined ? (KINDS[from.type] ?? "other") : "brought",
    content: from.content,
    at: time(from.timestamp),
    editedAt: from.edited_timestamp === null ? null : time(from.edited_timestamp),
    pinned: from.pinned,
    mentions: mentions.map((each) => each.id),
    mentionRoles: from.mention_roles,
    mentionEveryone: from.mention_everyone,
    reactions: (from.reactions ?? []).map(reaction),
    embeds: from.embeds.map(embed),
    attachments: from.attachments.map(attachment),
    answers: answered(from),
    forwarded: forwarded(from),
    movedFrom: from.nexus?.moved_from ?? null,
    brought: from.nexus?.brought ?? null,
    poll: from.poll === undefined ? null : poll(from.poll),
    nonce: from.nonce === undefined ? null : String(from.nonce),
    late: from.nexus?.late ?? false,
    unreadable: from.nexus?.unreadable ?? false,
  };
}

/** What an emoji is called in an address and in the state. */
export function emojiName(emoji: wire.Emoji): string {
  return emoji.id === null ? (emoji.name ?? "") : `${emoji.name ?? "_"}:${emoji.id}`;
}

function poll(from: wire.Poll): Poll {
  const { question, answers, results } = from;
  return {
    question: question.text,
    answers: answers.map(({ answer_id: id, poll_media: media }) => ({
      id,
      text: media.text,
      emoji: media.emoji === undefined ? null : emojiName(media.emoji),
    })),
    endsAt: time(from.expiry),
    multiple: from.allow_multiselect,
    counts: Object.fromEntries(results.answer_counts.map(({ id, count }) => [id, count])),
    mine: results.answer_counts.filter((each) => each.me_voted).map((each) => each.id),
    final: results.is_finalized,
  };
}

function reaction(from: wire.Reaction): Reaction {
  return { emoji: emojiName(from.emoji), count: from.count, mine: from.me };
}

function attachment(from: wire.Attachment): Attachment {
  return {
    id: from.id,
    filename: from.filename,
    size: from.size,
    url: from.url,
    contentType: from.content_type ?? null,
    about: from.description ?? null,
    width: null,
    height: null,
  };
}

function answered(from: wire.Message): Answered | null {
  const { message_id: target, channel_id: place } = from.message_reference ?? {};
  // What an announcement channel gave, and what is passed on, names another message and answers none.
  if (target === undefined || KINDS[from.type] !== "reply") return null;
  const whole = from.referenced_message ?? null;
  const content = (whole === null ? null : snapshotOf(whole)?.content) ?? whole?.content ?? "";
  const channelId = whole?.channel_id ?? place ?? from.channel_id;
  return { messageId: target, channelId, authorId: whole?.author.id ?? null, content };
}

/** Discord's type of a reference to what is passed on. */
export const FORWARD = 1;

/** What a message passes on, as it came. */
export function snapshotOf(from: wire.Message): wire.MessageSnapshot | null {
  return from.message_snapshots?.[0]?.message ?? null;
}

function forwarded(from: wire.Message): Forwarded | null {
  const snapshot = snapshotOf(from);
  if (snapshot === null) return null;
  const reference = from.message_reference;
  return {
    channelId: known(reference?.channel_id),
    guildId: known(reference?.guild_id),
    messageId: known(reference?.message_id),
    content: snapshot.content,
    at: time(snapshot.timestamp),
    editedAt: snapshot.edited_timestamp === null ? null : time(snapshot.edited_timestamp),
    embeds: snapshot.embeds.map(embed),
    attachments: snapshot.attachments.map(attachment),
  };
}

/** A program says 0 of what it does not know. */
function known(id: string | undefined): string | null {
  return id === undefined || id === "0" ? null : id;
}

function embed(from: wire.Embed): Embed {
  return {
    title: from.title ?? null,
    description: from.description ?? null,
    url: from.url ?? null,
    color: from.color ?? null,
    author: from.author === undefined ? null : { name: from.author.name, url: null },
    footer: from.footer?.text ?? null,
    timestamp: from.timestamp === undefined ? null : time(from.timestamp),
    fields: (from.fields ?? []).map((each) => ({
      name: each.name,
      value: each.value,
      inline: each.inline ?? false,
    })),
    imageUrl: from.image?.url ?? null,
    thumbnailUrl: from.thumbnail?.url ?? null,
  };
}
