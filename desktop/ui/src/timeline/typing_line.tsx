import { nameOf } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { rich } from "../i18n/rich.tsx";
import { t } from "../i18n/translate.ts";

/** Who else is writing. */
export function TypingLine({ channelId }: { channelId: string }) {
  const names = useApp((state) => {
    // Of what goes on elsewhere nothing is known now.
    if (state.session.phase !== "ready") return "";
    const guildId = state.channels[channelId]?.guildId ?? null;
    const ids = Object.keys(state.typing[channelId] ?? {}).filter((id) => id !== state.me);
    // One text, so that a new object each time does not draw anew.
    return ids.map((id) => (nameOf(state, id, guildId) ?? "?").replaceAll("\n", " ")).join("\n");
  });
  if (names === "") return null;
  const [a = "", b = "", more] = names.split("\n");
  const words =
    b === ""
      ? rich("talk.typing_one", { a: <Name of={a} /> })
      : more === undefined
        ? rich("talk.typing_two", { a: <Name of={a} />, b: <Name of={b} /> })
        : t("talk.typing_many");
  return (
    <div className="nx-typing">
      <span className="nx-typing-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className="nx-typing-words">{words}</span>
    </div>
  );
}

function Name({ of }: { of: string }) {
  return (
    <strong>
      <bdi>{of}</bdi>
    </strong>
  );
}
