import type { Gone } from "@nexus/core";
import { UnsaidNotice } from "../composer/unsaid.tsx";
import { GoneView } from "../shell/gone_view.tsx";
import { GUILD, sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const PLACE = { id: "9", guildId: GUILD, parentId: null } as const;

const PLACES: readonly Gone[] = [
  { ...PLACE, kind: "conversation", guildId: null, name: "Trip to the islands", how: "out" },
  { ...PLACE, kind: "guild", name: "Good Boat Anna", how: "out" },
  { ...PLACE, kind: "channel", name: "#rigging", how: "deleted" },
  { ...PLACE, kind: "channel", name: "#officers", how: "closed" },
  { ...PLACE, kind: "channel", name: "#logbook", how: "unknown" },
  { ...PLACE, kind: "thread", name: "The mast, measured again", how: "out" },
];

/** Places that one is in no more. */
export function GoneParts() {
  return (
    <Section title="Gone">
      {PLACES.map((place) => (
        <Specimen
          key={place.name}
          name={`gone: ${place.kind}, ${place.how}`}
          state={sample({ drafts: { 9: "begun here" } })}
          framed="screen"
        >
          <GoneView place={place} />
        </Specimen>
      ))}
      <Specimen name="what was to be said there" state={sample()}>
        <UnsaidNotice
          unsaid={{ channelId: "9", place: "#rigging", text: "It is 12.4 m, not 12.8.", files: 0 }}
          more={2}
        />
        <UnsaidNotice unsaid={{ channelId: "9", place: null, text: "", files: 2 }} />
      </Specimen>
    </Section>
  );
}
