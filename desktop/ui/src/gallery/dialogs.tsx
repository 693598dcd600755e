import { EMPTY_TIMELINE } from "@nexus/core";
import { type Dialog, openDialog, openEmojiPicker } from "../app/screen.ts";
import { ToldAddresses } from "../dialogs/invite_dialog.tsx";
import { Button } from "../parts/button.tsx";
import { FORUM, GENERAL, GROUP, GUILD, holding, message, newFile, THREAD } from "./sample.ts";
import { Section, Specimen } from "./scene.tsx";

/** One of each kind: a kind without one is a type error. */
const DIALOGS: { readonly [K in Dialog["kind"]]: Extract<Dialog, { kind: K }> } = {
  create_guild: { kind: "create_guild" },
  join_guild: { kind: "join_guild" },
  new_conversation: { kind: "new_conversation" },
  group: { kind: "group", channelId: GROUP },
  leave_group: { kind: "leave_group", channelId: GROUP },
  guild_settings: { kind: "guild_settings", guildId: GUILD },
  leave_guild: { kind: "leave_guild", guildId: GUILD },
  erase_said: { kind: "erase_said", guildId: GUILD },
  create_channel: { kind: "create_channel", guildId: GUILD, parentId: null },
  channel_settings: { kind: "channel_settings", channelId: GENERAL },
  delete_channel: { kind: "delete_channel", channelId: GENERAL },
  topic: { kind: "topic", channelId: GENERAL },
  invite: { kind: "invite", channelId: GENERAL },
  delete_message: { kind: "delete_message", channelId: GENERAL, messageId: message(1).id },
  forward: { kind: "forward", channelId: GENERAL, messageId: message(1).id },
  move: { kind: "move", channelId: GENERAL, messageId: message(2).id },
  move_back: { kind: "move_back", channelId: THREAD, messageId: message(5).id },
  remove_member: { kind: "remove_member", guildId: GUILD, userId: "3", ban: true },
  nickname: { kind: "nickname", guildId: GUILD, userId: "3" },
  voice_status: { kind: "voice_status", channelId: "2005" },
  threads: { kind: "threads", guildId: GUILD, channelId: null },
  new_thread: { kind: "new_thread", channelId: GENERAL, messageId: message(1).id },
  rename_thread: { kind: "rename_thread", threadId: THREAD },
  thread_people: { kind: "thread_people", threadId: THREAD },
  delete_thread: { kind: "delete_thread", threadId: THREAD },
  events: { kind: "events", guildId: GUILD },
  new_event: { kind: "new_event", guildId: GUILD },
  call_off: { kind: "call_off", guildId: GUILD, eventId: "60" },
  file: { kind: "file", channelId: GENERAL, key: "1" },
  new_poll: { kind: "new_poll", channelId: GENERAL },
  end_poll: { kind: "end_poll", channelId: GENERAL, messageId: message(1).id },
  new_post: { kind: "new_post", forumId: FORUM },
  settings: { kind: "settings" },
  switcher: { kind: "switcher" },
};

/** Dialogs are drawn from this one. */
const HELD = holding([1, 2, 3, 4].map((each) => message(each)));
const MOVED = [5, 6].map((each) => message(each, { channelId: THREAD, movedFrom: GENERAL }));
export const DIALOG_STATE = {
  ...HELD,
  timelines: { ...HELD.timelines, [THREAD]: { ...EMPTY_TIMELINE, ids: MOVED.map(({ id }) => id) } },
  messages: { ...HELD.messages, [THREAD]: Object.fromEntries(MOVED.map((each) => [each.id, each])) },
  trays: { [GENERAL]: [newFile("1")], [FORUM]: [newFile("1")] },
};

export function Dialogs() {
  return (
    <Section title="Dialogs">
      {Object.values(DIALOGS).map((dialog) => (
        <Specimen key={dialog.kind} name={`dialog, ${dialog.kind}`}>
          <Button data-dialog={dialog.kind} onClick={() => openDialog(dialog)}>
            {dialog.kind}
          </Button>
        </Specimen>
      ))}
      <Specimen name="invite, of a node that says where it is">
        <ToldAddresses addresses={["203.0.113.7:8091", "[2001:db8::7]:8091"]} />
      </Specimen>
      <Specimen name="emoji picker">
        <Button onClick={(event) => openEmojiPicker(event.currentTarget, GUILD, () => {})}>
          Open the picker
        </Button>
      </Specimen>
    </Section>
  );
}
