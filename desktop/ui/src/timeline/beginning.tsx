import { channelName } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Icon } from "../parts/icon.tsx";
import { Hash, Megaphone } from "../parts/icons.ts";

/** Above the first message of a channel. */
export function Beginning({ channelId }: { channelId: string }) {
  const channel = useApp((state) => state.channels[channelId]);
  const name = useApp((state) => (channel === undefined ? "" : channelName(state, channel)));
  if (channel === undefined) return null;
  const conversation = channel.guildId === null;
  return (
    <div className="nx-beginning">
      {conversation ? (
        <Avatar id={channel.recipients[0] ?? channel.id} name={name} size={80} />
      ) : (
        <span className="nx-beginning-icon">
          <Icon of={channel.kind === "announcement" ? Megaphone : Hash} size={32} />
        </span>
      )}
      <h2 className="nx-beginning-title" dir="auto">
        {conversation ? t("talk.beginning_dm", { name }) : t("talk.beginning", { name })}
      </h2>
      <p className="nx-beginning-text" dir="auto">
        {channel.topic ?? (conversation ? t("talk.beginning_dm_text") : t("talk.beginning_text"))}
      </p>
    </div>
  );
}
