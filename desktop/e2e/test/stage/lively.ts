/** A lively guild to be pictured: people who could be real, and what they could say. */

import { type Answer, type Asks, asking } from "./api.ts";
import { gather } from "./gatherings.ts";
import type { Program } from "./program.ts";

export interface Lively {
  readonly guildId: string;
  readonly general: string;
  readonly people: Readonly<Record<string, Asks>>;
}

const PASSWORD = "correct horse battery staple";

/** An account, and a token to ask with. */
async function account(relay: Program, name: string): Promise<Asks> {
  const response = await fetch(`${relay.origin}/api/v10/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: name, password: PASSWORD }),
  });
  const { token } = (await response.json()) as { token: string };
  return asking(relay, token);
}

/** The guild of `owner`, filled. */
export async function fill(relay: Program, owner: Asks, code: string, guildId: string): Promise<Lively> {
  const names = ["mira", "tomas", "yuki", "lena.k", "oskar", "amina"];
  const people: Record<string, Asks> = {};
  for (const name of names) {
    const who = await account(relay, name);
    await who("POST", `/invites/${code}`, {});
    people[name] = who;
  }
  const channels = await owner("GET", `/guilds/${guildId}/channels`);
  const general = (channels as Answer[]).find((each) => each.type === 0).id as string;
  await owner("PATCH", `/channels/${general}`, { topic: "Everything about the boat. Plans go to #rigging." });
  await arrange(owner, guildId, people);
  const plan = await talk(owner, people, general);
  await gather(owner, people, { guildId, general, plan });
  return { guildId, general, people };
}

async function arrange(owner: Asks, guildId: string, people: Readonly<Record<string, Asks>>): Promise<void> {
  const category = await owner("POST", `/guilds/${guildId}/channels`, { name: "The boat", type: 4 });
  for (const [name, type] of [
    ["rigging", 0],
    ["engine-room", 0],
    ["logbook", 5],
  ] as const)
    await owner("POST", `/guilds/${guildId}/channels`, { name, type, parent_id: category.id });
  const crew = await owner("POST", `/guilds/${guildId}/channels`, { name: "Crew", type: 4 });
  for (const name of ["kitchen", "introductions"])
    await owner("POST", `/guilds/${guildId}/channels`, { name, type: 0, parent_id: crew.id });
  const roles = [
    ["Skipper", 0xe8a33d, ["mira"]],
    ["Shipwright", 0x3ba5a0, ["tomas", "yuki"]],
  ] as const;
  for (const [name, color, whose] of roles) {
    const role = await owner("POST", `/guilds/${guildId}/roles`, { name, color, hoist: true });
    for (const each of whose) {
      const me = await people[each]?.("GET", "/users/@me");
      await owner("PUT", `/guilds/${guildId}/members/${me.id}/roles/${role.id}`);
    }
  }
}

async function talk(owner: Asks, people: Readonly<Record<string, Asks>>, channel: string): Promise<string> {
  const path = `/channels/${channel}/messages`;
  const say = (who: Asks | undefined, content: string, more: object = {}) =>
    who?.("POST", path, { content, ...more });
  await say(owner, "Welcome aboard! Read the **logbook** first, then pick something that needs doing.");
  const plan = await say(
    people.tomas,
    "I measured the mast again. It is *12.4 m*, not 12.8: the old plan is wrong.",
  );
  await say(people.yuki, "That explains the forestay. I will cut the new one on Saturday.", {
    message_reference: { message_id: plan.id },
  });
  await say(
    people.mira,
    "> the old plan is wrong\nWho still has a copy of it? Please write the new length **on paper** too.",
  );
  await say(
    people["lena.k"],
    'The battery script, for whoever is on watch:\n```python\ndef watch(volts):\n    if volts < 12.2:\n        return "start the engine"\n    return "all quiet"\n```',
  );
  await say(people.amina, "Soup at seven. Bring a bowl, we have only five. 🍲");
  const bowl = await say(people.oskar, "I can bring three, and bread.");
  for (const who of [people.amina, people.mira, people.yuki])
    await who?.("PUT", `${path}/${bowl.id}/reactions/${encodeURIComponent("🎉")}/@me`);
  await people.tomas?.("PUT", `${path}/${bowl.id}/reactions/${encodeURIComponent("❤️")}/@me`);
  await owner("PUT", `/channels/${channel}/pins/${plan.id}`);
  return plan.id;
}
