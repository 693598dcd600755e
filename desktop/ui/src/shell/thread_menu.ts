import { type Channel, type Client, holdsPosts, threadDeeds } from "@nexus/core";
import { pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import {
  Archive,
  ArchiveRestore,
  Bell,
  BellOff,
  Link,
  Lock,
  LockOpen,
  MailOpen,
  Pencil,
  Pin,
  PinOff,
  Trash2,
  Users,
} from "../parts/icons.ts";
import type { MenuEntry } from "../parts/menu.tsx";
import { copy } from "../rich/code_block.tsx";

/** What can be done with a thread. */
export function threadMenu({ store, actions }: Client, thread: Channel): readonly MenuEntry[] {
  const { id, guildId, thread: facts } = thread;
  if (facts === null) return [];
  const state = store.getState();
  const deeds = threadDeeds(state, thread);
  const post = holdsPosts(state.channels[thread.parentId ?? ""]);
  const set = (change: Parameters<typeof actions.editThread>[1]) => void told(actions.editThread(id, change));
  const entries: (MenuEntry | false)[] = [
    { label: t("guild.mark_read"), icon: MailOpen, act: () => actions.ack(id) },
    {
      label: t(facts.followed ? "thread.unfollow" : "thread.follow"),
      icon: facts.followed ? BellOff : Bell,
      act: () => void told(actions.followThread(id, !facts.followed)),
    },
    {
      label: t("thread.people"),
      icon: Users,
      act: () => openDialog({ kind: "thread_people", threadId: id }),
    },
    { label: t("talk.copy_link"), icon: Link, act: () => void copy(location.origin + pathTo(guildId, id)) },
    (deeds.edit || deeds.manage) && "line",
    deeds.edit && {
      label: t("thread.rename"),
      icon: Pencil,
      act: () => openDialog({ kind: "rename_thread", threadId: id }),
    },
    deeds.edit && {
      label: t(facts.archived ? "thread.take_out" : "thread.put_away"),
      icon: facts.archived ? ArchiveRestore : Archive,
      act: () => set({ archived: !facts.archived }),
    },
    deeds.manage && {
      label: t(facts.locked ? "thread.unlock" : "thread.lock"),
      icon: facts.locked ? LockOpen : Lock,
      act: () => set({ locked: !facts.locked }),
    },
    deeds.manage &&
      post && {
        label: t(facts.pinned ? "thread.unpin" : "thread.pin"),
        icon: facts.pinned ? PinOff : Pin,
        act: () => set({ pinned: !facts.pinned }),
      },
    deeds.manage && "line",
    deeds.manage && {
      label: t("thread.delete"),
      icon: Trash2,
      danger: true,
      act: () => openDialog({ kind: "delete_thread", threadId: id }),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
