/** What a message that waits says to the program, and how it is known again in its channel. */

import { sentName } from "../model/files.ts";
import type { NewAnswer, NewPoll } from "../model/made.ts";
import { customEmoji } from "../select/emoji.ts";
import type { Pending } from "../state/state.ts";
import { FORWARD, message, type WireMessage } from "../wire/decode_message.ts";

/** What is said, without what tells it apart. */
export function bodyOf({
  content,
  poll,
  forwards,
  answers,
  mentionAnswered,
}: Pending): Record<string, unknown> {
  if (forwards !== undefined) {
    const { channelId, messageId } = forwards;
    return { message_reference: { type: FORWARD, channel_id: channelId, message_id: messageId } };
  }
  return {
    content,
    ...(poll === undefined ? {} : { poll: asked(poll) }),
    allowed_mentions: { parse: ["users", "roles", "everyone"], replied_user: mentionAnswered },
    ...(answers === null ? {} : { message_reference: { message_id: answers, fail_if_not_exists: false } }),
  };
}

/** Whether a message of the channel is what was to be said. */
export function saysTheSame(each: WireMessage, row: Pending): boolean {
  const files = (row.files ?? []).map((file) => `${sentName(file)} ${file.size}`).join("\n");
  return (
    each.content.trim() === row.content.trim() &&
    each.attachments.map(({ filename, size }) => `${filename} ${size}`).join("\n") === files &&
    each.poll?.question.text === row.poll?.question &&
    passesOnTheSame(each, row)
  );
}

/** What is passed on may have been edited since; when it was said, and which it is, stays. */
function passesOnTheSame(each: WireMessage, { forwards }: Pending): boolean {
  const there = message(each, null).forwarded;
  if (forwards === undefined || there === null) return forwards === undefined && there === null;
  const { at, messageId } = forwards.shown;
  return there.at === at && (there.messageId === messageId || there.messageId === null || messageId === null);
}

function asked({ question, answers, multiple, hours }: NewPoll): Record<string, unknown> {
  return {
    question: { text: question },
    answers: answers.map((answer) => ({ poll_media: media(answer) })),
    allow_multiselect: multiple,
    duration: hours,
  };
}

function media({ text, emoji }: NewAnswer): Record<string, unknown> {
  if (emoji === null) return { text };
  const custom = customEmoji(emoji);
  return { text, emoji: custom === null ? { id: null, name: emoji } : custom };
}
