/** What a lively guild has beside its talk: a thread with a poll, a forum, an emoji, something to look forward to. */

import type { Asks } from "./api.ts";

interface Where {
  readonly guildId: string;
  readonly general: string;
  /** The message that the thread is made from. */
  readonly plan: string;
}

/** A flag, red and white: a PNG of 16 by 16 pixels. */
const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGElEQVR42mO4ZuaNFf3HARhGNYxqGL4aAOWqKh+4geNvAAAAAElFTkSuQmCC";

export async function gather(
  owner: Asks,
  people: Readonly<Record<string, Asks>>,
  { guildId, general, plan }: Where,
): Promise<void> {
  const { mira, tomas, yuki } = people;
  if (mira === undefined || tomas === undefined || yuki === undefined) throw new Error("nobody is here");
  const emoji = await owner("POST", `/guilds/${guildId}/emojis`, { name: "flag", image: PICTURE });
  const thread = await tomas("POST", `/channels/${general}/messages/${plan}/threads`, {
    name: "The mast, measured again",
  });
  const say = (who: Asks, body: object) => who("POST", `/channels/${thread.id}/messages`, body);
  await say(tomas, { content: "From the step to the truck, twice, with the long tape." });
  await say(mira, { content: `Then we cut on Saturday. <:flag:${emoji.id}>` });
  const answers = ["Before the soup", "After the soup", "On Sunday"].map((text) => ({
    poll_media: { text },
  }));
  const poll = await say(mira, { poll: { question: { text: "When do we cut it?" }, answers, duration: 72 } });
  for (const [who, answer] of [
    [tomas, 1],
    [yuki, 1],
    [mira, 2],
  ] as const)
    await who("PUT", `/channels/${thread.id}/polls/${poll.id}/answers/@me`, { answer_ids: [answer] });
  await workshop(owner, { tomas, yuki }, guildId);
  await owner("POST", `/guilds/${guildId}/scheduled-events`, {
    name: "Launching",
    description: "Bring *gloves*, and somebody who has never seen it.",
    privacy_level: 2,
    entity_type: 3,
    entity_metadata: { location: "On the quay" },
    scheduled_start_time: "2099-05-01T09:00:00Z",
    scheduled_end_time: "2099-05-01T12:00:00Z",
  });
}

async function workshop(
  owner: Asks,
  { tomas, yuki }: { readonly tomas: Asks; readonly yuki: Asks },
  guildId: string,
): Promise<void> {
  const tags = [{ name: "Wood" }, { name: "Rope" }];
  const forum = await owner("POST", `/guilds/${guildId}/channels`, {
    name: "workshop",
    type: 15,
    available_tags: tags,
  });
  const [wood, rope] = forum.available_tags as readonly { readonly id: string }[];
  await tomas("POST", `/channels/${forum.id}/threads`, {
    name: "Varnish or oil?",
    applied_tags: [wood?.id],
    message: { content: "What keeps longer on a rail that everybody holds on to?" },
  });
  await yuki("POST", `/channels/${forum.id}/threads`, {
    name: "Splices, a gallery",
    applied_tags: [rope?.id],
    message: { content: "Show yours. Ugly ones first, we learn more from them." },
  });
}
