import { EmojiTab } from "../dialogs/emoji_tab.tsx";
import { GuildEmojiChoice } from "../emoji/guild_emoji.tsx";
import { MessageRow } from "../timeline/message_row.tsx";
import { GUILD, holding, message, sample } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

const never = () => {};
const WITH_EMOJI = message(30, {
  content: "Drop it here <:anchor:50>, or <:gone:99>",
  reactions: [{ emoji: "anchor:50", count: 2, mine: true }],
});

/** What a guild has of its own: emoji. */
export function Expressions() {
  const state = holding([WITH_EMOJI]);
  return (
    <Section title="Emoji">
      <Specimen name="message with a guild's emoji, their pictures elsewhere" state={state}>
        <MessageRow message={WITH_EMOJI} head current={false} flash={false} />
      </Specimen>
      <Specimen name="a guild's emoji to pick" state={state}>
        <GuildEmojiChoice emoji={Object.values(state.emoji)} search="" onPick={never} />
      </Specimen>
      <Specimen name="a guild's emoji, kept" state={state}>
        <EmojiTab guildId={GUILD} />
      </Specimen>
      <Specimen name="a guild's emoji, none" state={sample({ emoji: {}, emojiOf: {} })}>
        <EmojiTab guildId={GUILD} />
      </Specimen>
    </Section>
  );
}
