/** What applications of others ask one for, and which of them may do it. */

import type { Asker, Asking, Authorized } from "../../model/application.ts";
import type { WireAsker, WireAsking, WireAuthorized, WireConnection } from "../../wire/rest.ts";
import type { Actions } from "../actions.ts";
import type { Engine } from "../engine.ts";
import { mapOutcome } from "../rest.ts";

type OfApplications = Pick<
  Actions,
  "lookAtAsking" | "answerAsking" | "authorizedApps" | "endAuthorized" | "connections" | "showConnection"
>;

export function applicationWishes({ rest }: Engine): OfApplications {
  return {
    async lookAtAsking(query) {
      const outcome = await rest.call<WireAsking>({ method: "GET", path: `/oauth2/authorize${query}` });
      return mapOutcome(outcome, asking);
    },
    async answerAsking(query, answer) {
      const body = answer.authorize
        ? {
            authorize: true,
            ...(answer.permissions === null ? {} : { permissions: String(answer.permissions) }),
            ...(answer.guildId === null ? {} : { guild_id: answer.guildId }),
          }
        : { authorize: false };
      const path = `/oauth2/authorize${query}`;
      const outcome = await rest.call<{ location: string }>({ method: "POST", path, body, once: true });
      return mapOutcome(outcome, ({ location }) => location);
    },
    async authorizedApps() {
      const outcome = await rest.call<readonly WireAuthorized[]>({ method: "GET", path: "/oauth2/tokens" });
      return mapOutcome(outcome, (all) =>
        all.map(
          (one): Authorized => ({
            id: one.id,
            application: asker(one.application),
            scopes: one.scopes,
            since: one.since_ms,
            used: one.used_ms,
          }),
        ),
      );
    },
    endAuthorized: (id) => rest.call<void>({ method: "DELETE", path: `/oauth2/tokens/${id}`, once: true }),
    async connections() {
      const path = "/users/@me/connections";
      const outcome = await rest.call<readonly WireConnection[]>({ method: "GET", path });
      return mapOutcome(outcome, (all) =>
        all.map(({ type, id, visibility }) => ({ service: type, id, shown: visibility === 1 })),
      );
    },
    async showConnection({ service, id }, shown) {
      const path = `/users/@me/connections/${encodeURIComponent(service)}/${encodeURIComponent(id)}`;
      const body = { visibility: shown ? 1 : 0 };
      return mapOutcome(await rest.call<WireConnection>({ method: "PATCH", path, body }), () => undefined);
    },
  };
}

function asker({ id, name, description, owner }: WireAsker): Asker {
  return { id, name, description, maker: owner.global_name ?? owner.username };
}

function asking(from: WireAsking): Asking {
  const { error } = from;
  return {
    application: asker(from.application),
    scopes: from.scopes,
    bot: from.bot,
    permissions: BigInt(from.permissions),
    redirect: from.redirect_uri,
    authorized: from.authorized,
    wrong: error === null ? null : { words: error.error_description, location: error.location },
  };
}
