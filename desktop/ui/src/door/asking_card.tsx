import type { Asking } from "@nexus/core";
import type { Key } from "../i18n/translate.ts";
import { t } from "../i18n/translate.ts";
import { Avatar } from "../parts/avatar.tsx";
import { Icon } from "../parts/icon.tsx";
import { Check } from "../parts/icons.ts";

/** What is said of each scope; what comes with another needs no line of its own. */
const WORDS = new Map<string, Key>(
  [
    "identify",
    "email",
    "openid",
    "guilds",
    "guilds.members.read",
    "guilds.join",
    "connections",
    "role_connections.write",
    "bot",
  ].map((scope) => [scope, `asking.${scope}` as Key]),
);

/** Which application asks, who made it, and what it may do afterwards: each scope in a sentence. */
export function AskingCard({ asking }: { asking: Asking }) {
  const { application, scopes } = asking;
  const lines = scopes.flatMap((scope) => WORDS.get(scope) ?? []);
  return (
    <>
      <div className="nx-asking-head">
        <Avatar id={application.id} name={application.name} size={80} />
        <h1 className="nx-door-title">
          <bdi>{t("asking.title", { name: application.name })}</bdi>
        </h1>
        <p className="nx-asking-by">
          <bdi>{t("asking.by", { name: application.maker })}</bdi>
        </p>
        {application.description === "" ? null : (
          <p className="nx-asking-by" dir="auto">
            {application.description}
          </p>
        )}
      </div>
      {lines.length === 0 ? null : (
        <section className="nx-asking-may">
          <h2 className="nx-asking-heading">{t("asking.may")}</h2>
          <ul className="nx-asking-list">
            {lines.map((line) => (
              <li key={line}>
                <Icon of={Check} size={18} />
                <span>{t(line as "asking.identify")}</span>
              </li>
            ))}
          </ul>
          <p className="nx-field-hint">{t("asking.not")}</p>
        </section>
      )}
    </>
  );
}

/** The host that an address leads to, as far as it has one: all of it that says whose it is. */
export function placeOf(address: string | null): string {
  if (address === null || !URL.canParse(address)) return t("asking.here");
  const url = new URL(address);
  return url.host === "" ? url.protocol.replace(/:$/, "") : url.host;
}
