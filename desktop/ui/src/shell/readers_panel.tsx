import type { Readers, User } from "@nexus/core";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import type { Anchor } from "../app/screen.ts";
import { t } from "../i18n/translate.ts";
import { Icon } from "../parts/icon.tsx";
import {
  CircleAlert,
  Eye,
  Lock,
  MessageSquareDot,
  User as Person,
  ShieldCheck,
  Users,
} from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Popover } from "../parts/popover.tsx";
import { Loading } from "../parts/progress.tsx";

interface Facts {
  readonly channelId: string;
  readonly anchor: Anchor;
  readonly onClose: () => void;
}

/** Everybody and everything that can read along. */
export function ReadersPanel({ channelId, anchor, onClose }: Facts) {
  const actions = useActions();
  const [readers, setReaders] = useState<Readers | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  useEffect(() => {
    let here = true;
    void actions.readers(channelId).then((outcome) => {
      if (!here) return;
      if (outcome.ok) setReaders(outcome.value);
      else setWrong(failureText(outcome.failure));
    });
    return () => {
      here = false;
    };
  }, [actions, channelId]);
  return (
    <Popover anchor={anchor} label={t("readers.title")} onClose={onClose} className="nx-panel">
      <h2 className="nx-panel-title">{t("readers.title")}</h2>
      {wrong === null ? null : <Empty icon={CircleAlert} title={t("readers.failed")} text={wrong} />}
      {readers === null && wrong === null ? <Loading /> : null}
      {readers === null || readers === undefined ? null : <ReadersList readers={readers} />}
    </Popover>
  );
}

export function ReadersList({ readers }: { readers: Readers }) {
  const { sealed, relays, people, hosted, hostedUsers, contestedUsers, bots } = readers;
  return (
    <div className="nx-readers">
      <Banner tone={sealed ? "ok" : "plain"} icon={sealed ? Lock : Eye}>
        {t(sealed ? "readers.sealed" : "readers.open")}
      </Banner>
      <Row icon={Users} title={t("readers.people", { n: people })}>
        {t("readers.people_text")}
      </Row>
      <Row
        icon={ShieldCheck}
        title={relays.length === 0 ? t("readers.no_relays") : t("readers.relays", { n: relays.length })}
      >
        {relays.length === 0 ? t("readers.no_relays_text") : relays.join(", ")}
      </Row>
      <Row icon={Person} title={hosted === 0 ? t("readers.no_hosted") : t("readers.hosted", { n: hosted })}>
        {names(hostedUsers)}
      </Row>
      {contestedUsers.length === 0 ? null : (
        <Row icon={CircleAlert} title={t("readers.contested")}>
          {names(contestedUsers)}
        </Row>
      )}
      <Row
        icon={MessageSquareDot}
        title={bots.length === 0 ? t("readers.no_bots") : t("readers.bots", { n: bots.length })}
      >
        {names(bots)}
      </Row>
    </div>
  );
}

function names(users: readonly User[]): string | null {
  return users.length === 0 ? null : users.map((user) => user.displayName).join(", ");
}

function Row({ icon, title, children }: { icon: LucideIcon; title: string; children: ReactNode }) {
  return (
    <div className="nx-reader">
      <Icon of={icon} size={20} />
      <div className="nx-reader-words">
        <span className="nx-reader-title">{title}</span>
        {children === null ? null : <bdi className="nx-reader-text">{children}</bdi>}
      </div>
    </div>
  );
}
