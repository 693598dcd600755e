import { type Failure, nameOf, threadDeeds } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions, useApp, useClient, useDerived } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Users } from "../parts/icons.ts";
import { Banner, Empty, Tag } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { membersLike } from "./members_tab.tsx";

/** Who follows a thread. Into a private one others are brought, and they are taken out of it. */
export default function ThreadPeople({ dialog, onClose }: Shown<"thread_people">) {
  const { threadId } = dialog;
  const thread = useApp((state) => state.channels[threadId]);
  const { known, failure } = useFollowers(threadId, thread?.thread?.memberCount ?? 0);
  if (thread === undefined || thread.thread === null) return null;
  return (
    <DialogBox
      title={t("thread.people_title", { name: thread.name })}
      text={t(thread.thread.private ? "thread.people_private" : "thread.people_text")}
      onClose={onClose}
    >
      {failure === null ? null : <Banner tone="danger">{failureText(failure)}</Banner>}
      {known === null && failure === null ? <Loading /> : null}
      {known === null ? null : (
        <People threadId={threadId} guildId={thread.guildId ?? ""} followers={known} />
      )}
    </DialogBox>
  );
}

interface Followers {
  readonly known: readonly string[] | null;
  readonly failure: Failure | null;
}

/** Asked anew whenever their number is another. */
function useFollowers(threadId: string, count: number): Followers {
  const actions = useActions();
  const [now, setNow] = useState<Followers>({ known: null, failure: null });
  const load = useCallback(() => actions.threadFollowers(threadId), [actions, threadId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number is another list
  useEffect(() => {
    let here = true;
    void load().then((outcome) => {
      if (!here) return;
      if (outcome.ok) setNow({ known: outcome.value, failure: null });
      else setNow((before) => ({ ...before, failure: outcome.failure }));
    });
    return () => {
      here = false;
    };
  }, [load, count]);
  return now;
}

interface PeopleFacts {
  readonly threadId: string;
  readonly guildId: string;
  readonly followers: readonly string[];
}

export function People({ threadId, guildId, followers }: PeopleFacts) {
  const { actions } = useClient();
  const [query, setQuery] = useState("");
  const isPrivate = useApp((state) => state.channels[threadId]?.thread?.private === true);
  const manages = useApp((state) => {
    const thread = state.channels[threadId];
    return thread !== undefined && threadDeeds(state, thread).edit;
  });
  const members = useDerived(
    (state) => [state.members[guildId], state.users],
    (state) => membersLike(state, guildId, query).map((member) => member.userId),
    [guildId, query],
  );
  useEffect(() => {
    const timer = setTimeout(() => actions.loadMembers(guildId, { query }), 250);
    return () => clearTimeout(timer);
  }, [actions, guildId, query]);
  const follows = (userId: string) => followers.includes(userId);
  // Into a thread that is open to all, everybody goes by themselves.
  const shown = isPrivate
    ? [...members].sort((a, b) => Number(follows(b)) - Number(follows(a)))
    : members.filter(follows);
  const none = query === "" ? "thread.people_none" : "dlg.members_none";
  return (
    <>
      <TextField
        label={t("dlg.members_search")}
        value={query}
        onText={setQuery}
        autoComplete="off"
        data-first=""
      />
      {shown.length === 0 ? <Empty icon={Users} title={t(none)} /> : null}
      <ul className="nx-rows">
        {shown.map((userId) => (
          <Row
            key={userId}
            userId={userId}
            guildId={guildId}
            follows={follows(userId)}
            mayBring={isPrivate}
            mayTakeOut={isPrivate && manages}
            onSet={(wanted) => void told(actions.setFollower(threadId, userId, wanted))}
          />
        ))}
      </ul>
    </>
  );
}

interface RowFacts {
  readonly userId: string;
  readonly guildId: string;
  readonly follows: boolean;
  readonly mayBring: boolean;
  readonly mayTakeOut: boolean;
  readonly onSet: (follows: boolean) => void;
}

function Row({ userId, guildId, follows, mayBring, mayTakeOut, onSet }: RowFacts) {
  const name = useApp((state) => nameOf(state, userId, guildId)) ?? t("common.unknown_person");
  const me = useApp((state) => state.me === userId);
  return (
    <li className="nx-row">
      <Avatar id={userId} name={name} size={32} />
      <div className="nx-row-words">
        <span className="nx-row-title">
          <bdi className="nx-clip">{name}</bdi>
          {follows ? <Tag>{t("thread.follows")}</Tag> : null}
        </span>
      </div>
      {follows && mayTakeOut && !me ? (
        <Button
          small
          look="danger-quiet"
          aria-label={t("thread.take_off_who", { name })}
          onClick={() => onSet(false)}
        >
          {t("thread.take_off")}
        </Button>
      ) : null}
      {mayBring && !follows ? (
        <Button small aria-label={t("thread.bring_who", { name })} onClick={() => onSet(true)}>
          {t("thread.bring")}
        </Button>
      ) : null}
    </li>
  );
}
