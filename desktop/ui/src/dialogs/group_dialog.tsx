import { nameOf } from "@nexus/core";
import { useEffect, useState } from "react";
import { useActions, useApp, useDerived } from "../app/client.tsx";
import { useLeaving } from "../app/landing.ts";
import { openDialog } from "../app/screen.ts";
import { granted, told } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Button } from "../parts/button.tsx";
import { CrownMark } from "../parts/crown_mark.tsx";
import { DialogBox } from "../parts/dialog.tsx";
import { TextField } from "../parts/field.tsx";
import { Tag } from "../parts/notice.tsx";
import type { Shown } from "./dialog_layer.tsx";
import { peopleLike } from "./new_conversation.tsx";

/** People listed at most who could come in. */
const LISTED_MAX = 8;

/** What a conversation of several is called, and who is in it. */
export default function GroupDialog({ dialog, onClose }: Shown<"group">) {
  const { channelId } = dialog;
  const actions = useActions();
  const channel = useApp((state) => state.channels[channelId]);
  const me = useApp((state) => state.me);
  const [name, setName] = useState(channel?.name ?? "");
  const [query, setQuery] = useState("");
  const others = useDerived(
    (state) => [state.users, state.me, state.channels[channelId]],
    (state) => {
      const inside = state.channels[channelId]?.recipients ?? [];
      return peopleLike(state, query)
        .filter((user) => !inside.includes(user.id))
        .slice(0, LISTED_MAX);
    },
    [channelId, query],
  );
  const gone = channel === undefined;
  useEffect(() => {
    if (gone) onClose();
  }, [gone, onClose]);
  if (gone) return null;
  const save = async () => {
    if ((await told(granted(actions.nameConversation(channelId, name.trim())))) === true) onClose();
  };
  const leave = () => {
    onClose();
    openDialog({ kind: "leave_group", channelId });
  };
  const changed = name.trim() !== "" && name.trim() !== channel.name;
  return (
    <DialogBox
      title={t("group.title")}
      text={t("group.reads_all")}
      onClose={onClose}
      onSubmit={() => changed && void save()}
      acts={
        <>
          <Button look="danger-quiet" onClick={leave}>
            {t("group.leave")}
          </Button>
          <Button type="submit" look="primary" disabled={!changed}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <TextField label={t("group.name")} value={name} onText={setName} maxLength={100} autoComplete="off" />
      {channel.recipients.length === 0 ? <p className="nx-field-hint">{t("group.alone")}</p> : null}
      <ul className="nx-rows" aria-label={t("group.inside")}>
        {me === null ? null : <Person userId={me} head={channel.headId === me} self />}
        {channel.recipients.map((id) => (
          <Person
            key={id}
            userId={id}
            head={channel.headId === id}
            {...(channel.headId === me
              ? { act: t("group.remove"), onAct: () => void told(actions.putOut(channelId, id)) }
              : {})}
          />
        ))}
      </ul>
      <TextField label={t("group.add")} value={query} onText={setQuery} autoComplete="off" data-first="" />
      {others.length === 0 ? (
        <p className="nx-field-hint">{t(query.trim() === "" ? "new_dm.none" : "dlg.members_none")}</p>
      ) : null}
      <ul className="nx-rows" aria-label={t("group.outside")}>
        {others.map((user) => (
          <Person
            key={user.id}
            userId={user.id}
            act={t("group.bring")}
            onAct={() => void told(actions.bringIn(channelId, user.id))}
          />
        ))}
      </ul>
    </DialogBox>
  );
}

interface PersonFacts {
  readonly userId: string;
  readonly head?: boolean;
  readonly self?: boolean;
  readonly act?: string;
  readonly onAct?: () => void;
}

function Person({ userId, head = false, self = false, act, onAct }: PersonFacts) {
  const name = useApp((state) => nameOf(state, userId, null)) ?? t("common.unknown_person");
  useLeaving();
  return (
    <li className="nx-row">
      <Avatar id={userId} name={name} size={32} />
      <div className="nx-row-words">
        <span className="nx-row-title">
          <bdi className="nx-clip">{name}</bdi>
          {head ? <CrownMark words={t("group.head")} /> : null}
          {self ? <Tag>{t("common.you")}</Tag> : null}
        </span>
      </div>
      {act === undefined || onAct === undefined ? null : (
        <Button small aria-label={`${act}: ${name}`} onClick={onAct}>
          {act}
        </Button>
      )}
    </li>
  );
}
