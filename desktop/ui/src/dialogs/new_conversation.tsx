import { fuzzy, nameOf, type State, type User } from "@nexus/core";
import { useState } from "react";
import { useActions, useDerived } from "../app/client.tsx";
import { go, pathTo } from "../app/route.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Users } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import type { Shown } from "./dialog_layer.tsx";

/** People listed at most. */
const LISTED_MAX = 30;

/** Others in one conversation at most. */
const OTHERS_MAX = 9;

function toggled(list: readonly string[], id: string): readonly string[] {
  return list.includes(id) ? list.filter((each) => each !== id) : [...list, id];
}

/** Everybody one shares a guild with. */
export function NewConversation({ onClose }: Shown<"new_conversation">) {
  const actions = useActions();
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const people = useDerived(
    (state) => [state.users, state.me],
    (state) => peopleLike(state, query),
    [query],
  );
  const open = async (ids: readonly string[]) => {
    const channel = await told(actions.openConversation(ids));
    if (channel === null) return;
    onClose();
    go(pathTo(null, channel.id));
  };
  const first = people[0];
  return (
    <DialogBox
      title={t("new_dm.title")}
      onClose={onClose}
      onSubmit={() => {
        if (chosen.length > 0) void open(chosen);
        else if (first !== undefined) void open([first.id]);
      }}
      {...(chosen.length === 0
        ? {}
        : {
            acts: (
              <Button type="submit" look="primary">
                {t("new_dm.go")}
              </Button>
            ),
          })}
    >
      <TextField label={t("new_dm.label")} value={query} onText={setQuery} autoComplete="off" data-first="" />
      {people.length === 0 ? (
        <Empty icon={Users} title={t("dlg.members_none")} text={t("new_dm.none")} />
      ) : null}
      <ul className="nx-people">
        {people.map((user) => (
          <li key={user.id} className="nx-person-row">
            {/* What lies around the box is a finger's, too. */}
            <label className="nx-person-check">
              <input
                type="checkbox"
                aria-label={t("new_dm.choose", { name: user.displayName })}
                checked={chosen.includes(user.id)}
                disabled={chosen.length >= OTHERS_MAX && !chosen.includes(user.id)}
                onChange={() => setChosen(toggled(chosen, user.id))}
              />
            </label>
            <button type="button" className="nx-person" onClick={() => void open([user.id])}>
              <Avatar id={user.id} name={user.displayName} size={32} />
              <bdi className="nx-person-name nx-clip">{user.displayName}</bdi>
              <bdi className="nx-person-detail nx-clip">{user.username}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </DialogBox>
  );
}

export function peopleLike(state: State, query: string): readonly User[] {
  const wanted = query.trim().toLowerCase();
  const hits: { readonly user: User; readonly score: number }[] = [];
  for (const user of Object.values(state.users)) {
    if (user.id === state.me) continue;
    const match = fuzzy(nameOf(state, user.id, null) ?? "", wanted) ?? fuzzy(user.username, wanted);
    if (match !== null) hits.push({ user, score: match.score });
  }
  hits.sort((a, b) => b.score - a.score || (a.user.displayName < b.user.displayName ? -1 : 1));
  return hits.slice(0, LISTED_MAX).map((hit) => hit.user);
}
