/** What one keeps with the account, and how it is told. */

import type { Engine } from "./engine.ts";
import type { Telling } from "./teller.ts";

/** How far one has read. */
export function tellReads({ rest }: Engine): Telling<"readsToTell"> {
  return {
    part: "readsToTell",
    pause: 1_000,
    every: 4_000,
    most: 100,
    post(rows) {
      const [first] = rows;
      if (first !== undefined && rows.length === 1) {
        const path = `/channels/${first[0]}/messages/${first[1].upTo}/ack`;
        return rest.call({ method: "POST", path, body: {}, once: true });
      }
      const read_states = rows.map(([channel_id, { upTo }]) => ({ channel_id, message_id: upTo }));
      return rest.call({ method: "POST", path: "/read-states/ack-bulk", body: { read_states }, once: true });
    },
  };
}

/** What one is about to say. */
export function tellDrafts({ rest }: Engine): Telling<"draftsToTell"> {
  return {
    part: "draftsToTell",
    pause: 1_500,
    every: 5_000,
    most: 1,
    post(rows) {
      const [channelId, text] = rows[0] ?? ["", ""];
      return rest.call({ method: "PUT", path: `/nexus/drafts/${channelId}`, body: { text }, once: true });
    },
  };
}
