import { type ComponentType, lazy, Suspense } from "react";
import { closeDialog, type Dialog, useScreen } from "../app/screen.ts";
import {
  ConfirmCallOff,
  ConfirmDeleteChannel,
  ConfirmDeleteMessage,
  ConfirmDeleteThread,
  ConfirmEndPoll,
  ConfirmLeave,
} from "./confirm.tsx";
import { InviteDialog } from "./invite_dialog.tsx";
import { NewChannel } from "./new_channel.tsx";
import { NewConversation } from "./new_conversation.tsx";
import { CreateGuild, JoinGuild } from "./new_guild.tsx";
import { NicknameDialog } from "./nickname.tsx";
import { RemoveMember } from "./remove_member.tsx";
import { Switcher } from "./switcher.tsx";
import { TopicDialog } from "./topic.tsx";

const GuildSettings = lazy(() => import("./guild_settings.tsx"));
const ChannelSettings = lazy(() => import("./channel_settings.tsx"));
const ThreadsDialog = lazy(() => import("./threads_dialog.tsx"));
const NewThread = lazy(() => import("./new_thread.tsx"));
const RenameThread = lazy(() => import("./rename_thread.tsx"));
const EventsDialog = lazy(() => import("./events_dialog.tsx"));
const NewEvent = lazy(() => import("./new_event.tsx"));
const NewPoll = lazy(() => import("./new_poll.tsx"));
const ThreadPeople = lazy(() => import("./thread_people.tsx"));
const GroupDialog = lazy(() => import("./group_dialog.tsx"));
const NewPost = lazy(() => import("./new_post.tsx"));
const SettingsDialog = lazy(() => import("./settings_dialog.tsx"));

export type DialogOf<K extends Dialog["kind"]> = Extract<Dialog, { kind: K }>;
export type Shown<K extends Dialog["kind"]> = { readonly dialog: DialogOf<K>; readonly onClose: () => void };

const DIALOGS: { readonly [K in Dialog["kind"]]: ComponentType<Shown<K>> } = {
  create_guild: CreateGuild,
  join_guild: JoinGuild,
  new_conversation: NewConversation,
  group: GroupDialog,
  guild_settings: GuildSettings,
  leave_guild: ConfirmLeave,
  create_channel: NewChannel,
  channel_settings: ChannelSettings,
  delete_channel: ConfirmDeleteChannel,
  topic: TopicDialog,
  invite: InviteDialog,
  delete_message: ConfirmDeleteMessage,
  remove_member: RemoveMember,
  nickname: NicknameDialog,
  threads: ThreadsDialog,
  new_thread: NewThread,
  rename_thread: RenameThread,
  thread_people: ThreadPeople,
  delete_thread: ConfirmDeleteThread,
  new_post: NewPost,
  events: EventsDialog,
  new_event: NewEvent,
  call_off: ConfirmCallOff,
  new_poll: NewPoll,
  end_poll: ConfirmEndPoll,
  settings: SettingsDialog,
  switcher: Switcher,
};

/** Every dialog that is open, the last on top. */
export function DialogLayer() {
  const dialogs = useScreen((screen) => screen.dialogs);
  return (
    <Suspense fallback={null}>
      {dialogs.map((dialog, at) => {
        const Drawn = DIALOGS[dialog.kind] as ComponentType<Shown<Dialog["kind"]>>;
        // biome-ignore lint/suspicious/noArrayIndexKey: a dialog keeps its place in the pile
        return <Drawn key={`${dialog.kind}-${at}`} dialog={dialog} onClose={closeDialog} />;
      })}
    </Suspense>
  );
}
