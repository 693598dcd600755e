import type { GuildRelay, Shortfall } from "@nexus/core";
import { useCallback, useEffect, useState } from "react";
import { useActions } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { useWish } from "../app/wish.ts";
import { relative } from "../i18n/time.ts";
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

/** What was seen of a relay, and that nobody misses anything by it. */
function seen({ what, ops, channels, since, whole }: Shortfall): string {
  const time = relative(since);
  const names = channels.map((name) => `#${name}`).join(", ");
  const place = names === "" ? "" : t("dlg.relay_lacks_in", { channels: names });
  const first =
    what === "answered"
      ? t("dlg.relay_lacks_answered", { time })
      : t(`dlg.relay_lacks_${what}`, { n: ops, place, time });
  const others = whole.length === 0 ? [] : [t("dlg.relay_lacks_whole", { relays: whole.join(", ") })];
  return [first, ...others, t("dlg.relay_lacks_filled")].join(" ");
}

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
        {relays.map(({ url, state, shortfall }) => (
          <li key={url} className="nx-row">
            <div className="nx-row-words">
              <bdi className="nx-row-title nx-clip">{url}</bdi>
              <span className="nx-row-text">
                {shortfall === null ? t(`dlg.relay_${state}`) : seen(shortfall)}
              </span>
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
