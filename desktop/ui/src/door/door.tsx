import { type ReactNode, useState } from "react";
import { useApp } from "../app/client.tsx";
import { t } from "../i18n/translate.ts";
import { Logo } from "../parts/logo.tsx";
import { FirstName } from "./first_name.tsx";
import { Locked } from "./locked.tsx";
import { RelayDoor } from "./relay_door.tsx";

/** How one comes in: a new node asks for a name, a node of somebody's for a token, a relay for an account. */
export function Door({ setupKey }: { setupKey: string | null }) {
  const kind = useApp((state) => state.door.kind);
  const ended = useApp((state) => state.session.phase === "signed_out" && state.session.why === "ended");
  const [spent, setSpent] = useState(false);
  return (
    <DoorFrame>
      {setupKey !== null && kind !== "relay" && !spent ? (
        <FirstName setupKey={setupKey} onSpent={() => setSpent(true)} />
      ) : kind === "relay" ? (
        <RelayDoor ended={ended} />
      ) : (
        <Locked why={spent ? t("door.key_bad") : ended ? t("door.ended") : null} />
      )}
    </DoorFrame>
  );
}

export function DoorFrame({ children }: { children: ReactNode }) {
  return (
    <main className="nx-door">
      <div className="nx-door-brand">
        <Logo size={40} />
        <span className="nx-door-name">{t("app.name")}</span>
      </div>
      <div className="nx-door-box">{children}</div>
      <p className="nx-door-foot">{t("door.tagline")}</p>
    </main>
  );
}
