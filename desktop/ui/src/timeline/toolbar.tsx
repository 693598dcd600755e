import type { Message, MessageDeeds } from "@nexus/core";
import { useClient } from "../app/client.tsx";
import { answer, edit } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { IconButton } from "../parts/button.tsx";
import { CornerUpLeft, Ellipsis, Pencil, SmilePlus } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { askReaction, messageMenu } from "./deeds.ts";
import { toggleReaction } from "./reactions.tsx";

/** Offered without looking for them. */
const QUICK = ["👍", "❤️", "😂"] as const;

/** What is at hand when the pointer or the keyboard is on a message. */
export function Toolbar({ message, deeds }: { message: Message; deeds: MessageDeeds }) {
  const client = useClient();
  const { actions } = client;
  const { channelId, id } = message;
  return (
    <div className="nx-toolbar" role="toolbar" aria-label={t("talk.actions")}>
      {deeds.react
        ? QUICK.map((emoji) => (
            <button
              key={emoji}
              type="button"
              className="nx-icon-button nx-icon-button-small nx-toolbar-quick"
              aria-label={t("talk.react_with", { emoji })}
              data-tip={t("talk.react_with", { emoji })}
              onClick={() => toggleReaction(actions, message, emoji)}
            >
              {emoji}
            </button>
          ))
        : null}
      {deeds.react ? (
        <IconButton
          size="small"
          icon={SmilePlus}
          label={t("talk.add_reaction")}
          onClick={(event) => askReaction(actions, message, event.currentTarget)}
        />
      ) : null}
      {deeds.reply ? (
        <IconButton
          size="small"
          icon={CornerUpLeft}
          label={t("talk.reply")}
          keys="R"
          onClick={() => answer(channelId, id)}
        />
      ) : null}
      {deeds.edit ? (
        <IconButton
          size="small"
          icon={Pencil}
          label={t("talk.edit")}
          keys="E"
          onClick={() => edit(channelId, id)}
        />
      ) : null}
      <IconButton
        size="small"
        icon={Ellipsis}
        label={t("talk.more")}
        aria-haspopup="menu"
        onClick={(event) =>
          menuAt(event, t("talk.actions"), messageMenu(client, message, deeds, event.currentTarget))
        }
      />
    </div>
  );
}
