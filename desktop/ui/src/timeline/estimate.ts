import { type Attachment, isPicture, type Said, said, type TimelineItem } from "@nexus/core";

/** Pixels a row will need, roughly, before it was drawn. */
export function estimate(item: TimelineItem | undefined): number {
  if (item === undefined) return LINE;
  switch (item.kind) {
    case "beginning":
      return 200;
    case "day":
      return 40;
    case "unread":
      return 20;
    case "pending":
      return (
        (item.head ? HEAD : 0) +
        textHeight(item.pending.content) +
        (item.pending.files?.length ?? 0) * 78 +
        (item.pending.forwards === undefined ? 0 : FORWARDED + heightOf(item.pending.forwards.shown))
      );
    case "message": {
      const { reactions, answers, forwarded, poll } = item.message;
      const asked = poll === null ? 0 : 100 + poll.answers.length * 48;
      const extras = asked + (reactions.length > 0 ? 32 : 0) + (forwarded === null ? 0 : FORWARDED);
      return (item.head ? HEAD : 0) + (answers === null ? 0 : 24) + heightOf(said(item.message)) + extras;
    }
  }
}

function heightOf({ content, embeds, attachments }: Said): number {
  return textHeight(content) + embeds.length * 120 + filesHeight(attachments);
}

/** A picture is given its room before it is there. */
function filesHeight(attachments: readonly Attachment[]): number {
  return attachments.reduce((sum, { filename }) => sum + (isPicture(filename) ? 248 : 66), 0);
}

const LINE = 26;
const HEAD = 40;
/** The mark above it, and the line below. */
const FORWARDED = 40;
/** Characters in a line of a window of usual width. */
const PER_LINE = 90;

function textHeight(content: string): number {
  const lines = content
    .split("\n", 32)
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / PER_LINE)), 0);
  return LINE + Math.min(lines - 1, 24) * 22;
}
