import { type State, unread, unreadConversations } from "@nexus/core";
import { memo, type ReactNode } from "react";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { openDialog } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { GuildIcon } from "../parts/avatar.tsx";
import { Icon } from "../parts/icon.tsx";
import { MessagesSquare, Plus, UserPlus } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Badge } from "../parts/notice.tsx";
import { guildMenu } from "./guild_menu.ts";
import { lastChannelOf } from "./last_place.ts";
import { useRoving } from "./roving.ts";

/** Every guild, with what is new in it. */
export const GuildRail = memo(function GuildRail({ guildId }: { guildId: string | null }) {
  const order = useApp((state) => state.guildOrder);
  const roving = useRoving();
  return (
    <nav className="nx-rail" aria-label={t("rail.label")} {...roving}>
      <HomeButton here={guildId === null} />
      <hr className="nx-rail-line" />
      {order.map((id) => (
        <GuildButton key={id} id={id} here={id === guildId} />
      ))}
      <button
        type="button"
        className="nx-rail-item nx-rail-round"
        aria-label={t("rail.add")}
        aria-haspopup="menu"
        data-tip={t("rail.add")}
        data-tip-side="end"
        onClick={(event) =>
          menuAt(event, t("rail.add"), [
            { label: t("home.create"), icon: Plus, act: () => openDialog({ kind: "create_guild" }) },
            { label: t("home.join"), icon: UserPlus, act: () => openDialog({ kind: "join_guild" }) },
          ])
        }
      >
        <Icon of={Plus} size={22} />
      </button>
    </nav>
  );
});

/** What unread is made of. */
export function unreadParts(state: State): readonly unknown[] {
  return [state.reads, state.channels, state.channelsOf, state.roles, state.members];
}

function HomeButton({ here }: { here: boolean }) {
  const news = useDerived(
    (state) => [state.reads, state.privateChannels, state.channels],
    (state) => unreadConversations(state),
  );
  return (
    <RailItem
      here={here}
      unread={news.unread}
      mentions={news.mentions}
      label={t("rail.home")}
      onClick={() => go(pathTo(null))}
      round
    >
      <Icon of={MessagesSquare} size={22} />
    </RailItem>
  );
}

function GuildButton({ id, here }: { id: string; here: boolean }) {
  const client = useClient();
  const guild = useApp((state) => state.guilds[id]);
  const news = useDerived(unreadParts, (state) => unread(state, id), [id]);
  const first = useDerived(unreadParts, (state) => lastChannelOf(state, id), [id]);
  if (guild === undefined) return null;
  const label =
    news.mentions > 0
      ? t("rail.guild_mentions", { name: guild.name, n: news.mentions })
      : t(news.unread ? "rail.guild_unread" : "rail.guild", { name: guild.name });
  return (
    <RailItem
      here={here}
      unread={news.unread}
      mentions={news.mentions}
      label={label}
      tip={guild.name}
      onClick={() => go(pathTo(id, first))}
      onMenu={(event) => menuAt(event, t("guild.menu", { name: guild.name }), guildMenu(client, id))}
    >
      <GuildIcon id={id} name={guild.name} size={48} />
    </RailItem>
  );
}

interface ItemFacts {
  readonly here: boolean;
  readonly unread: boolean;
  readonly mentions: number;
  readonly label: string;
  readonly tip?: string;
  readonly round?: boolean;
  readonly onClick: () => void;
  readonly onMenu?: (event: React.MouseEvent) => void;
  readonly children: ReactNode;
}

function RailItem({
  here,
  unread: isUnread,
  mentions,
  label,
  tip,
  round,
  onClick,
  onMenu,
  children,
}: ItemFacts) {
  return (
    <div className="nx-rail-place" data-here={here ? "" : undefined} data-unread={isUnread ? "" : undefined}>
      <button
        type="button"
        className={round ? "nx-rail-item nx-rail-round" : "nx-rail-item"}
        aria-label={label}
        aria-current={here ? "page" : undefined}
        data-tip={tip ?? label}
        data-tip-side="end"
        onClick={onClick}
        onContextMenu={onMenu}
      >
        {children}
      </button>
      {mentions > 0 ? <Badge n={mentions} /> : null}
    </div>
  );
}
