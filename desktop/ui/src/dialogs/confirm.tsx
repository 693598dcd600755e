import { channelName, type Outcome, said } from "@nexus/core";
import { type ReactNode, useState } from "react";
import { useActions, useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { go, pathTo, route } from "../app/route.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { Switch } from "../parts/field.tsx";
import { Banner } from "../parts/notice.tsx";
import { RichText } from "../rich/rich_text.tsx";
import { AuthorFace, AuthorName } from "../timeline/author.tsx";
import type { Shown } from "./dialog_layer.tsx";

interface ConfirmFacts {
  readonly title: string;
  readonly text: ReactNode;
  readonly go: string;
  readonly onClose: () => void;
  readonly wish: () => Promise<Outcome<unknown>>;
  readonly done?: () => void;
  readonly children?: ReactNode;
}

/** A question before something that cannot be undone. */
export function Confirm({ title, text, go: words, onClose, wish, done, children }: ConfirmFacts) {
  const { busy, failure, run } = useWish();
  const act = async () => {
    const granted = await run(async () => {
      const outcome = await wish();
      return outcome.ok ? { ok: true, value: true } : outcome;
    });
    if (granted === null) return;
    onClose();
    done?.();
  };
  return (
    <DialogBox
      size="small"
      title={title}
      text={text}
      onClose={onClose}
      onSubmit={() => void act()}
      acts={
        <>
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" look="danger" busy={busy} data-first="">
            {words}
          </Button>
        </>
      }
    >
      {children}
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
    </DialogBox>
  );
}

export function ConfirmDeleteMessage({ dialog, onClose }: Shown<"delete_message">) {
  const actions = useActions();
  const { channelId, messageId } = dialog;
  const message = useApp((state) => state.messages[channelId]?.[messageId]);
  return (
    <Confirm
      title={t("dlg.delete_message")}
      text={t("dlg.delete_message_text")}
      go={t("common.delete")}
      onClose={onClose}
      wish={() => actions.deleteMessage(channelId, messageId)}
    >
      {message === undefined ? null : (
        <div className="nx-quoted">
          <AuthorFace userId={message.authorId} guildId={message.guildId} size={32} />
          <div className="nx-quoted-body">
            <AuthorName userId={message.authorId} guildId={message.guildId} />
            <RichText text={said(message).content.slice(0, 400)} guildId={message.guildId} />
          </div>
        </div>
      )}
    </Confirm>
  );
}

export function ConfirmDeleteChannel({ dialog, onClose }: Shown<"delete_channel">) {
  const actions = useActions();
  const channel = useApp((state) => state.channels[dialog.channelId]);
  if (channel === undefined) return null;
  const category = channel.kind === "category";
  return (
    <Confirm
      title={t("dlg.delete_channel_title", { name: channel.name })}
      text={t(category ? "dlg.delete_category_text" : "dlg.delete_channel_text")}
      go={t("dlg.delete_channel")}
      onClose={onClose}
      wish={() => actions.deleteChannel(channel.id)}
      done={() => {
        const here = route();
        if (here.at === "channel" && here.channelId === channel.id) go(pathTo(channel.guildId), true);
      }}
    />
  );
}

export function ConfirmLeave({ dialog, onClose }: Shown<"leave_guild">) {
  const actions = useActions();
  const name = useApp((state) => state.guilds[dialog.guildId]?.name ?? "");
  const [erase, setErase] = useState(false);
  return (
    <Confirm
      title={t("dlg.leave_title", { name })}
      text={t("dlg.leave_text")}
      go={t(erase ? "dlg.leave_and_erase" : "guild.leave")}
      onClose={onClose}
      wish={() => actions.leaveGuild(dialog.guildId, erase)}
      done={() => go(pathTo(null), true)}
    >
      <Switch label={t("dlg.leave_erase")} hint={t("dlg.erase_hint")} on={erase} onChange={setErase} />
      {erase ? <Banner tone="danger">{t("dlg.erase_warning")}</Banner> : null}
    </Confirm>
  );
}

export function ConfirmLeaveGroup({ dialog: { channelId }, onClose }: Shown<"leave_group">) {
  const actions = useActions();
  const name = useApp((state) => {
    const channel = state.channels[channelId];
    return channel === undefined ? "" : channelName(state, channel);
  });
  const me = useApp((state) => state.me) ?? "";
  return (
    <Confirm
      title={t("dlg.leave_title", { name })}
      text={t("group.leave_text")}
      go={t("group.leave")}
      onClose={onClose}
      wish={() => actions.putOut(channelId, me)}
      done={() => go(pathTo(null), true)}
    />
  );
}

/** All that one wrote in a guild, without leaving it. */
export function ConfirmErase({ dialog, onClose }: Shown<"erase_said">) {
  const actions = useActions();
  const name = useApp((state) => state.guilds[dialog.guildId]?.name ?? "");
  return (
    <Confirm
      title={t("dlg.erase_title", { name })}
      text={t("dlg.erase_hint")}
      go={t("dlg.erase_go")}
      onClose={onClose}
      wish={() => actions.eraseSaid(dialog.guildId)}
    >
      <Banner tone="danger">{t("dlg.erase_warning")}</Banner>
    </Confirm>
  );
}

export function ConfirmDeleteThread({ dialog, onClose }: Shown<"delete_thread">) {
  const actions = useActions();
  const thread = useApp((state) => state.channels[dialog.threadId]);
  if (thread === undefined) return null;
  return (
    <Confirm
      title={t("thread.delete_title", { name: thread.name })}
      text={t("thread.delete_text")}
      go={t("thread.delete")}
      onClose={onClose}
      wish={() => actions.deleteChannel(thread.id)}
      done={() => {
        const here = route();
        if (here.at === "channel" && here.channelId === thread.id)
          go(pathTo(thread.guildId, thread.parentId), true);
      }}
    />
  );
}

export function ConfirmEndPoll({ dialog, onClose }: Shown<"end_poll">) {
  const actions = useActions();
  return (
    <Confirm
      title={t("poll.end_title")}
      text={t("poll.end_text")}
      go={t("poll.end")}
      onClose={onClose}
      wish={() => actions.endPoll(dialog.channelId, dialog.messageId)}
    />
  );
}

export function ConfirmCallOff({ dialog, onClose }: Shown<"call_off">) {
  const actions = useActions();
  const { guildId, eventId } = dialog;
  const name = useApp((state) => state.events[guildId]?.[eventId]?.name ?? "");
  return (
    <Confirm
      title={t("event.call_off_title", { name })}
      text={t("event.call_off_text")}
      go={t("event.call_off")}
      onClose={onClose}
      wish={() => actions.setEventStatus(guildId, eventId, "called_off")}
    />
  );
}
