import {
  allows,
  idTime,
  myPermissions,
  nameOf,
  Permission,
  type Role,
  rankOf,
  type State,
} from "@nexus/core";
import { useApp, useClient, useDerived } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { closeCard, openDialog, useScreen } from "../app/screen.ts";
import { told } from "../app/wish.ts";
import { shortDate } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Avatar, statusWord } from "../parts/avatar.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { Ban, Copy, Ellipsis, MessageCircle, Pencil, Plus, UserMinus, X } from "../parts/icons.ts";
import { type MenuEntry, menuAt } from "../parts/menu.tsx";
import { Banner, Tag } from "../parts/notice.tsx";
import { Popover } from "../parts/popover.tsx";
import { copy } from "../rich/code_block.tsx";
import { colorStyle } from "../rich/marks.tsx";

/** The card of whoever was pressed, if it is open. */
export function CardLayer() {
  const card = useScreen((screen) => screen.card);
  const name = useApp((state) => (card === null ? null : nameOf(state, card.userId, card.guildId)));
  if (card === null) return null;
  return (
    <Popover
      key={card.userId}
      anchor={card.anchor}
      label={t("profile.title", { name: name ?? t("common.unknown_person") })}
      onClose={closeCard}
      placement="left-start"
      className="nx-card"
    >
      <ProfileCard userId={card.userId} guildId={card.guildId} />
    </Popover>
  );
}

interface Who {
  readonly userId: string;
  readonly guildId: string | null;
}

export function ProfileCard({ userId, guildId }: Who) {
  const client = useClient();
  const user = useApp((state) => state.users[userId]);
  const name = useApp((state) => nameOf(state, userId, guildId)) ?? t("common.unknown_person");
  const status = useApp((state) => state.presences[userId]?.status ?? "offline");
  const activity = useApp((state) => state.presences[userId]?.activities[0]);
  const member = useApp((state) => (guildId === null ? undefined : state.members[guildId]?.[userId]));
  const me = useApp((state) => state.me);
  const mine = me === userId;
  const write = async () => {
    const channel = await told(client.actions.openConversation([userId]));
    if (channel !== null) go(pathTo(null, channel.id));
    closeCard();
  };
  return (
    <>
      <div className="nx-card-cover" data-hue-of="">
        <Avatar id={userId} name={name} size={80} status={status} />
        <IconButton
          icon={Ellipsis}
          label={t("profile.more", { name })}
          aria-haspopup="menu"
          onClick={(event) =>
            menuAt(event, t("profile.more", { name }), personMenu(client.store.getState(), userId, guildId))
          }
        />
      </div>
      <div className="nx-card-body">
        <h2 className="nx-card-name">
          <bdi>{name}</bdi> {user?.bot ? <Tag tone="accent">{t("common.bot")}</Tag> : null}
        </h2>
        <p className="nx-card-user">
          <bdi>{user?.username ?? ""}</bdi> · {statusWord(status)}
        </p>
        {user?.contested === true ? (
          <Banner tone="warn">{mine ? t("contested.mine") : t("contested.others", { names: name })}</Banner>
        ) : null}
        {activity === undefined ? null : (
          <p className="nx-card-does" dir="auto">
            {activity.state ?? activity.name}
          </p>
        )}
        {guildId === null || member === undefined ? null : <Roles userId={userId} guildId={guildId} />}
        <p className="nx-card-since">
          {member?.joinedAt
            ? t("profile.member_since", { when: shortDate(member.joinedAt) })
            : t("profile.joined_app", { when: shortDate(idTime(userId)) })}
        </p>
        {mine ? (
          <Button wide icon={Pencil} onClick={() => openDialog({ kind: "settings", tab: "account" })}>
            {t("profile.edit")}
          </Button>
        ) : (
          <Button wide look="primary" icon={MessageCircle} onClick={() => void write()} data-first="">
            {t("profile.message")}
          </Button>
        )}
      </div>
    </>
  );
}

function Roles({ userId, guildId }: { userId: string; guildId: string }) {
  const { actions } = useClient();
  const roles = useDerived(
    (state) => [state.members[guildId]?.[userId], state.roles[guildId]],
    (state) => rolesOf(state, guildId, userId),
    [guildId, userId],
  );
  const givable = useDerived(
    (state) => [state.members[guildId], state.roles[guildId], state.me],
    (state) => givableRoles(state, guildId),
    [guildId],
  );
  const missing = givable.filter((role) => !roles.includes(role));
  return (
    <section className="nx-card-roles" aria-label={t("profile.roles")}>
      {roles.length === 0 && missing.length === 0 ? (
        <span className="nx-card-none">{t("profile.no_roles")}</span>
      ) : null}
      {roles.map((role) => (
        <span key={role.id} className="nx-role">
          <span className="nx-role-dot nx-colored-dot" style={colorStyle(role.color)} />
          <bdi className="nx-clip">{role.name}</bdi>
          {givable.includes(role) ? (
            <button
              type="button"
              className="nx-role-drop"
              aria-label={t("profile.remove_role", { name: role.name })}
              onClick={() => void told(actions.removeRole(guildId, userId, role.id))}
            >
              <X size={12} aria-hidden="true" />
            </button>
          ) : null}
        </span>
      ))}
      {missing.length === 0 ? null : (
        <IconButton
          size="small"
          icon={Plus}
          label={t("profile.add_role")}
          aria-haspopup="menu"
          onClick={(event) =>
            menuAt(
              event,
              t("profile.add_role"),
              missing.map((role) => ({
                label: role.name,
                mark: <span className="nx-role-dot nx-colored-dot" style={colorStyle(role.color)} />,
                act: () => void told(actions.addRole(guildId, userId, role.id)),
              })),
            )
          }
        />
      )}
    </section>
  );
}

/** Highest first, without the one that everybody has. */
export function rolesOf(state: State, guildId: string, userId: string): readonly Role[] {
  const known = state.roles[guildId] ?? {};
  const held = state.members[guildId]?.[userId]?.roles ?? [];
  return held.flatMap((id) => known[id] ?? []).sort((a, b) => b.position - a.position);
}

/** Roles that one may give and take: those below one's own highest. */
export function givableRoles(state: State, guildId: string): readonly Role[] {
  if (!allows(myPermissions(state, guildId, null), Permission.MANAGE_ROLES)) return [];
  const mine = rankOf(state, guildId, state.me ?? "");
  return Object.values(state.roles[guildId] ?? {})
    .filter((role) => role.id !== guildId && !role.managed && role.position < mine)
    .sort((a, b) => b.position - a.position);
}

/** What can be done about somebody. */
export function personMenu(state: State, userId: string, guildId: string | null): readonly MenuEntry[] {
  const copyId: MenuEntry = { label: t("profile.copy_id"), icon: Copy, act: () => void copy(userId) };
  if (guildId === null || state.members[guildId]?.[userId] === undefined) return [copyId];
  const held = myPermissions(state, guildId, null);
  const mine = state.me === userId;
  const above = rankOf(state, guildId, state.me ?? "") > rankOf(state, guildId, userId);
  const nick = mine
    ? allows(held, Permission.CHANGE_NICKNAME)
    : above && allows(held, Permission.MANAGE_NICKNAMES);
  const kicks = !mine && above && allows(held, Permission.KICK_MEMBERS);
  const bans = !mine && above && allows(held, Permission.BAN_MEMBERS);
  const remove = (ban: boolean) => () => openDialog({ kind: "remove_member", guildId, userId, ban });
  const entries: (MenuEntry | false)[] = [
    nick && {
      label: t("profile.nick"),
      icon: Pencil,
      act: () => openDialog({ kind: "nickname", guildId, userId }),
    },
    copyId,
    (kicks || bans) && "line",
    kicks && { label: t("profile.kick"), icon: UserMinus, danger: true, act: remove(false) },
    bans && { label: t("profile.ban"), icon: Ban, danger: true, act: remove(true) },
  ];
  return entries.filter((entry) => entry !== false);
}
