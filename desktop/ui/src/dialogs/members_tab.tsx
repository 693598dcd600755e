import { fuzzy, type Member, nameOf, type State } from "@nexus/core";
import { useEffect, useState } from "react";
import { useClient, useDerived } from "../app/client.tsx";
import { shortDate } from "../i18n/time.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { IconButton } from "../parts/button.tsx";
import { TextField } from "../parts/field.tsx";
import { Ellipsis, Users } from "../parts/icons.ts";
import { menuAt } from "../parts/menu.tsx";
import { Empty, Tag } from "../parts/notice.tsx";
import { colorStyle } from "../rich/marks.tsx";
import { personMenu, rolesOf } from "../shell/profile_card.tsx";

/** Members listed at most: the others are found by name. */
const LISTED_MAX = 100;

export function MembersTab({ guildId }: { guildId: string }) {
  const { actions } = useClient();
  const [query, setQuery] = useState("");
  const members = useDerived(
    (state) => [state.members[guildId], state.users, state.roles[guildId]],
    (state) => membersLike(state, guildId, query),
    [guildId, query],
  );
  useEffect(() => {
    const timer = setTimeout(() => actions.loadMembers(guildId, { query }), 250);
    return () => clearTimeout(timer);
  }, [actions, guildId, query]);
  return (
    <>
      <TextField label={t("dlg.members_search")} value={query} onText={setQuery} autoComplete="off" />
      {members.length === 0 ? <Empty icon={Users} title={t("dlg.members_none")} /> : null}
      <ul className="nx-rows">
        {members.map((member) => (
          <MemberRow key={member.userId} guildId={guildId} member={member} />
        ))}
      </ul>
    </>
  );
}

function MemberRow({ guildId, member }: { guildId: string; member: Member }) {
  const { store } = useClient();
  const state = store.getState();
  const name = nameOf(state, member.userId, guildId) ?? t("common.unknown_person");
  const user = state.users[member.userId];
  return (
    <li className="nx-row">
      <Avatar id={member.userId} name={name} size={32} />
      <div className="nx-row-words">
        <span className="nx-row-title">
          <bdi className="nx-clip">{name}</bdi>
          {user?.bot ? <Tag tone="accent">{t("common.bot")}</Tag> : null}
        </span>
        <span className="nx-row-text nx-clip">
          <bdi>{user?.username ?? ""}</bdi>
          {member.joinedAt === null ? null : (
            <> · {t("profile.member_since", { when: shortDate(member.joinedAt) })}</>
          )}
        </span>
      </div>
      <div className="nx-row-roles">
        {rolesOf(state, guildId, member.userId)
          .slice(0, 3)
          .map((role) => (
            <span key={role.id} className="nx-role">
              <span className="nx-role-dot nx-colored-dot" style={colorStyle(role.color)} />
              <bdi className="nx-clip">{role.name}</bdi>
            </span>
          ))}
      </div>
      <IconButton
        icon={Ellipsis}
        label={t("profile.more", { name })}
        aria-haspopup="menu"
        onClick={(event) =>
          menuAt(event, t("profile.more", { name }), personMenu(store.getState(), member.userId, guildId))
        }
      />
    </li>
  );
}

/** Members by name, the best hit first. */
export function membersLike(state: State, guildId: string, query: string): readonly Member[] {
  const wanted = query.trim().toLowerCase();
  const hits: { readonly member: Member; readonly name: string; readonly score: number }[] = [];
  for (const member of Object.values(state.members[guildId] ?? {})) {
    const name = nameOf(state, member.userId, guildId) ?? "";
    const match = fuzzy(name, wanted) ?? fuzzy(state.users[member.userId]?.username ?? "", wanted);
    if (match !== null) hits.push({ member, name, score: wanted === "" ? 0 : match.score });
  }
  hits.sort((a, b) => b.score - a.score || a.name.localeCompare(b.name));
  return hits.slice(0, LISTED_MAX).map((hit) => hit.member);
}
