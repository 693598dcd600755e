import { allows, channelName, customEmoji, mayAttach, myPermissions, Permission } from "@nexus/core";
import { useId, useRef } from "react";
import { useActions, useApp, useClient, useDerived } from "../app/client.tsx";
import { useNarrow } from "../app/room.ts";
import { openDialog, openEmojiPicker } from "../app/screen.ts";
import { useSettings } from "../app/settings.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { cx } from "../parts/classes.ts";
import { Icon } from "../parts/icon.tsx";
import { ChartBar, Lock, SendHorizontal, Smile } from "../parts/icons.ts";
import { AttachButton } from "./attach_button.tsx";
import { useAutoHeight } from "./auto_height.ts";
import { paste } from "./chosen.ts";
import { insertText } from "./focus.ts";
import { ReplyBar } from "./reply_bar.tsx";
import { SuggestionList } from "./suggestion_list.tsx";
import { Tray } from "./tray.tsx";
import { CONTENT_MAX, maySend, useSend } from "./use_send.ts";
import { useSuggestions } from "./use_suggestions.ts";

/** Where a channel is written in. Under it stands what is true of the connection: see `Status`. */
export function Composer({ channelId }: { channelId: string }) {
  const channel = useApp((state) => state.channels[channelId]);
  const guildId = channel?.guildId ?? "";
  const may = useDerived(
    (state) => [
      state.channels[channelId],
      state.guilds[guildId],
      state.roles[guildId],
      state.members[guildId]?.[state.me ?? ""],
    ],
    (state) => allows(myPermissions(state, channel?.guildId ?? null, channelId), Permission.SEND_MESSAGES),
    [channelId],
  );
  if (channel === undefined) return null;
  if (!may) {
    return (
      <div className="nx-composer nx-composer-closed">
        <Icon of={Lock} size={18} />
        {t(channel.thread?.locked === true ? "thread.locked_banner" : "compose.no_right")}
      </div>
    );
  }
  return <Box channelId={channelId} />;
}

function Box({ channelId }: { channelId: string }) {
  const { store } = useClient();
  const actions = useActions();
  const list = useId();
  const ref = useRef<HTMLTextAreaElement>(null);
  const name = useApp((state) => {
    const channel = state.channels[channelId];
    if (channel === undefined) return "";
    if (channel.thread !== null) return channel.name;
    return channel.guildId === null ? channelName(state, channel) : `#${channel.name}`;
  });
  const text = useApp((state) => state.drafts[channelId] ?? "");
  const enterSends = useSettings((all) => all.enterSends);
  const guildId = useApp((state) => state.channels[channelId]?.guildId ?? null);
  const asks = useApp((state) => allows(myPermissions(state, guildId, channelId), Permission.SEND_POLLS));
  const attaches = useApp((state) => mayAttach(state, channelId));
  const hasWords = useApp((state) => maySend(state, channelId, text));
  const narrow = useNarrow();
  const { send, editLast } = useSend(channelId);
  const suggest = useSuggestions(channelId, ref, text);
  useAutoHeight(ref, text);

  const left = CONTENT_MAX - [...text].length;
  const setText = (value: string) => {
    actions.setDraft(channelId, value);
    if (value.trim() !== "") actions.typing(channelId);
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    // While a letter is being composed every key belongs to the input method.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (suggest.onKeyDown(event)) return;
    const sends = enterSends ? !event.shiftKey : event.ctrlKey || event.metaKey;
    if (event.key === "Enter" && sends && !event.altKey) {
      event.preventDefault();
      send();
    } else if (
      event.key === "ArrowUp" &&
      store.getState().drafts[channelId] === undefined &&
      !event.shiftKey
    ) {
      if (editLast()) event.preventDefault();
    }
  };

  return (
    <div className="nx-composer">
      {suggest.open ? (
        <SuggestionList
          id={list}
          all={suggest.all}
          active={suggest.active}
          onActive={suggest.setActive}
          onPick={suggest.pick}
        />
      ) : null}
      <ReplyBar channelId={channelId} />
      <Tray channelId={channelId} may={attaches} />
      <div className="nx-composer-box">
        <AttachButton channelId={channelId} may={attaches} />
        <textarea
          ref={ref}
          className="nx-composer-text"
          data-nx="composer"
          data-channel={channelId}
          dir="auto"
          rows={1}
          enterKeyHint={enterSends ? "send" : "enter"}
          placeholder={narrow ? t("compose.placeholder_short") : t("compose.placeholder", { name })}
          aria-label={t("compose.label", { name })}
          aria-autocomplete="list"
          aria-controls={suggest.open ? list : undefined}
          aria-activedescendant={suggest.open ? `${list}-${suggest.active}` : undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            suggest.moved();
          }}
          onSelect={suggest.moved}
          onBlur={suggest.close}
          onKeyDown={onKeyDown}
          onPaste={(event) => paste(actions, channelId, attaches, event)}
        />
        {left > 200 ? null : (
          <span className={cx("nx-composer-left", left < 0 && "nx-composer-over")}>
            {left < 0 ? t("compose.too_long", { n: -left }) : t("compose.left", { n: left })}
          </span>
        )}
        {asks ? (
          <IconButton
            icon={ChartBar}
            label={t("poll.new")}
            aria-haspopup="dialog"
            onClick={() => openDialog({ kind: "new_poll", channelId })}
          />
        ) : null}
        <IconButton
          icon={Smile}
          label={t("compose.emoji")}
          keys="Ctrl+E"
          data-nx="emoji-button"
          onClick={(event) =>
            openEmojiPicker(event.currentTarget, guildId, (emoji) => insertText(channelId, typed(emoji)))
          }
        />
        <IconButton
          className={cx("nx-composer-send", hasWords && left >= 0 && "nx-composer-ready")}
          icon={SendHorizontal}
          label={t("compose.send")}
          keys={enterSends ? "Enter" : "Ctrl+Enter"}
          disabled={!hasWords || left < 0}
          onClick={send}
        />
      </div>
    </div>
  );
}

/** An emoji as it stands in what is written: a guild's own by its name. */
function typed(emoji: string): string {
  const custom = customEmoji(emoji);
  return custom === null ? emoji : `:${custom.name}:`;
}
