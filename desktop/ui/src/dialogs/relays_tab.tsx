import type { GuildRelay } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { t } from "../i18n/translate.ts";
import { TextArea } from "../parts/field.tsx";
import { CircleAlert } from "../parts/icons.ts";
import { Empty } from "../parts/notice.tsx";
import { Loading } from "../parts/progress.tsx";
import { SaveBar } from "./save_bar.tsx";

/** How often it is looked at how far each relay has the guild, in ms. */
const LOOK_MS = 2_000;

const lines = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

export function RelaysTab({ guildId }: { guildId: string }) {
  const actions = useActions();
  const [relays, setRelays] = useState<readonly GuildRelay[] | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const [typed, setTyped] = useState<string | null>(null);
  const { busy, failure, run } = useWish();
  const load = useCallback(async () => {
    const outcome = await actions.guildRelays(guildId);
    if (outcome.ok) setRelays(outcome.value);
    else setWrong(failureText(outcome.failure));
  }, [actions, guildId]);
  useEffect(() => {
    void load();
    const looking = setInterval(() => void load(), LOOK_MS);
    return () => clearInterval(looking);
  }, [load]);
  if (relays === null) return wrong === null ? <Loading /> : <Empty icon={CircleAlert} title={wrong} />;
  const named = relays.map(({ url }) => url).join("\n");
  const text = typed ?? named;
  const save = () =>
    run(async () => {
      const outcome = await actions.setGuildRelays(guildId, lines(text));
      if (outcome.ok) {
        setRelays(outcome.value);
        setTyped(null);
      }
      return outcome;
    });
  return (
    <>
      <ul className="nx-rows">
        {relays.map(({ url, state }) => (
          <li key={url} className="nx-row">
            <div className="nx-row-words">
              <bdi className="nx-row-title nx-clip">{url}</bdi>
              <span className="nx-row-text">{t(`dlg.relay_${state}`)}</span>
            </div>
          </li>
        ))}
      </ul>
      <TextArea
        label={t("dlg.relays_label")}
        hint={t("dlg.relays_hint")}
        value={text}
        onText={setTyped}
        rows={4}
      />
      <SaveBar
        changed={lines(text).join("\n") !== named}
        busy={busy}
        failure={failure}
        onSave={() => void save()}
        onReset={() => setTyped(null)}
      />
    </>
  );
}
