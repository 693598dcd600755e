/** English: of places that one is in no more. */

export const enGone = {
  "gone.out": "You are no longer in {name}",
  "gone.out_conversation":
    "You were taken out of this conversation, or left it elsewhere. Whoever is in it can bring you in again.",
  "gone.out_guild":
    "You were removed from this guild, or left it elsewhere. An invite brings you in again, unless you are banned.",
  "gone.out_thread": "You were taken out of this thread. Whoever is in it can bring you in again.",
  "gone.deleted": "{name} was deleted",
  "gone.deleted_channel": "What was said in this channel went with it.",
  "gone.deleted_thread": "What was said in this thread went with it.",
  "gone.closed": "{name} was closed to you",
  "gone.closed_text": "You may not see this channel any more. Whoever manages it can open it to you again.",
  "gone.unknown": "{name} is gone",
  "gone.unknown_text": "It was deleted, or closed to you.",
  "gone.to_guild": "Go on in {name}",
  "gone.to_talks": "Go to your conversations",
  "gone.unsaid": "Not sent to {place}.",
  "gone.unsaid_text": "What you wrote is kept here until you put it away.",
  "gone.unsaid_here": "What you were writing here is kept.",
  "gone.unsaid_more": { one: "{n} more follows it.", other: "{n} more follow it." },
  "gone.unsaid_files": { one: "{n} file was to go with it.", other: "{n} files were to go with it." },
} as const;
