import { type ComponentType, lazy, Suspense } from "react";
import { LATER } from "../app/later.ts";
import { closeDialog, type Dialog, useScreen } from "../app/screen.ts";
import {
  ConfirmCallOff,
  ConfirmDeleteChannel,
  ConfirmDeleteMessage,
  ConfirmDeleteThread,
  ConfirmEndPoll,
  ConfirmErase,
  ConfirmLeave,
  ConfirmLeaveGroup,
} from "./confirm.tsx";
import { InviteDialog } from "./invite_dialog.tsx";
import { NewChannel } from "./new_channel.tsx";
import { NewConversation } from "./new_conversation.tsx";
import { CreateGuild, JoinGuild } from "./new_guild.tsx";
import { NicknameDialog } from "./nickname.tsx";
import { RemoveMember } from "./remove_member.tsx";
import { Switcher } from "./switcher.tsx";
import { TopicDialog } from "./topic.tsx";

const GuildSettings = lazy(LATER.guildSettings);
const ChannelSettings = lazy(LATER.channelSettings);
const ThreadsDialog = lazy(LATER.threads);
const NewThread = lazy(LATER.newThread);
const RenameThread = lazy(LATER.renameThread);
const FileDialog = lazy(LATER.file);
const ForwardDialog = lazy(LATER.forward);
const MoveDialog = lazy(LATER.move);
const MoveBackDialog = lazy(LATER.moveBack);
const EventsDialog = lazy(LATER.events);
const NewEvent = lazy(LATER.newEvent);
const NewPoll = lazy(LATER.newPoll);
const ThreadPeople = lazy(LATER.threadPeople);
const GroupDialog = lazy(LATER.group);
const NewPost = lazy(LATER.newPost);
const SettingsDialog = lazy(LATER.settings);
const VoiceStatus = lazy(LATER.voiceStatus);

export type DialogOf<K extends Dialog["kind"]> = Extract<Dialog, { kind: K }>;
export type Shown<K extends Dialog["kind"]> = { readonly dialog: DialogOf<K>; readonly onClose: () => void };

const DIALOGS: { readonly [K in Dialog["kind"]]: ComponentType<Shown<K>> } = {
  create_guild: CreateGuild,
  join_guild: JoinGuild,
  new_conversation: NewConversation,
  group: GroupDialog,
  leave_group: ConfirmLeaveGroup,
  guild_settings: GuildSettings,
  leave_guild: ConfirmLeave,
  erase_said: ConfirmErase,
  create_channel: NewChannel,
  channel_settings: ChannelSettings,
  delete_channel: ConfirmDeleteChannel,
  topic: TopicDialog,
  voice_status: VoiceStatus,
  invite: InviteDialog,
  delete_message: ConfirmDeleteMessage,
  forward: ForwardDialog,
  move: MoveDialog,
  move_back: MoveBackDialog,
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
  file: FileDialog,
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
