import type { Forwarded, Message, Said } from "./entities.ts";

/** What is read in a message: its own words, or those that it passes on. */
export function said(message: Said & Pick<Message, "forwarded">): Said {
  return message.forwarded ?? message;
}

/** What others would read if it were passed on. Of what is passed on already, that is passed on. */
export function toForward(message: Message): Forwarded {
  const { channelId, guildId, id: messageId, at, content, editedAt, embeds, attachments } = message;
  const itself = { channelId, guildId, messageId, at, content, editedAt, embeds, attachments };
  return message.forwarded ?? itself;
}
