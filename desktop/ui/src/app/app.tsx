import { type ReactNode, useCallback, useEffect, useState } from "react";
import { holdDrops } from "../composer/drop_zone.tsx";
import { DialogLayer } from "../dialogs/dialog_layer.tsx";
import { AskingPage } from "../door/asking_page.tsx";
import { CameBack } from "../door/came_back.tsx";
import { Door, DoorFrame } from "../door/door.tsx";
import type { CameBack as Came } from "../door/elsewhere.ts";
import { InvitePage } from "../door/invite_page.tsx";
import { ResetForm } from "../door/reset_form.tsx";
import { EmojiLayer } from "../emoji/layer.tsx";
import { t, useLanguage } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { Hash } from "../parts/icons.ts";
import { Logo } from "../parts/logo.tsx";
import { MenuLayer } from "../parts/menu.tsx";
import { Empty } from "../parts/notice.tsx";
import { TipLayer } from "../parts/tip.tsx";
import { Toasts } from "../parts/toasts.tsx";
import { CardLayer } from "../shell/profile_card.tsx";
import { Shell } from "../shell/shell.tsx";
import { Announcer } from "./announcer.tsx";
import { Boundary } from "./boundary.tsx";
import { useApp, useClient } from "./client.tsx";
import { loadLater } from "./later.ts";
import { followEdited } from "./moved.ts";
import { go, useRoute } from "./route.ts";
import { listenForShortcuts } from "./shortcuts.ts";
import { followTitle } from "./title.ts";

/** The whole screen. */
export function App(brought: Brought) {
  const { locale } = useLanguage();
  return <Living key={locale} {...brought} />;
}

/** What came in the address, and was taken out of it. */
interface Brought {
  /** Of a node's first run. */
  readonly setupKey: string | null;
  /** Of a mail: another password is chosen with it. */
  readonly resetCode: string | null;
  /** Of a provider that one signed in at. */
  readonly came: Came | null;
}

function Living(brought: Brought) {
  const client = useClient();
  useEffect(() => {
    const ends = [
      listenForShortcuts(client),
      followTitle(client),
      followNetwork(client),
      loadLater(client),
      followEdited(client),
      holdDrops(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [client]);
  return (
    <>
      <Boundary>
        <Place {...brought} />
      </Boundary>
      <Layers>
        <DialogLayer />
      </Layers>
      <Announcer />
    </>
  );
}

function Place({ setupKey, resetCode, came: brought }: Brought) {
  const [came, setCame] = useState(brought);
  const [reset, setReset] = useState(resetCode);
  const route = useRoute();
  const phase = useApp((state) => state.session.phase);
  const known = useApp((state) => state.me !== null);
  const onCame = useCallback(() => {
    setCame(null);
    if (brought !== null) go(brought.path, true);
  }, [brought]);
  if (came !== null) {
    return (
      <DoorFrame>
        <CameBack came={came} onDone={onCame} />
      </DoorFrame>
    );
  }
  if (route.at === "asking") return <AskingPage />;
  if (route.at === "invite") return <InvitePage code={route.code} />;
  if (reset !== null) {
    return (
      <DoorFrame>
        <ResetForm code={reset} onDone={() => setReset(null)} />
      </DoorFrame>
    );
  }
  if (phase === "starting") return <Opening />;
  if (phase === "signed_out") return <Door setupKey={setupKey} />;
  if (!known) return <Opening />;
  if (route.at === "home" || route.at === "channel") return <Shell route={route} />;
  return (
    <Empty icon={Hash} title={t("app.not_found")}>
      <Button look="primary" onClick={() => go("/")}>
        {t("invite.home")}
      </Button>
    </Empty>
  );
}

/** Between nothing and something: seen only when it takes long. */
function Opening() {
  const offline = useApp((state) => state.session.phase === "offline");
  return (
    <div className="nx-opening" role="status">
      <Logo size={64} />
      <p>{offline ? t("door.offline_title") : t("app.starting")}</p>
      {offline ? <p className="nx-opening-text">{t("door.offline_text")}</p> : null}
    </div>
  );
}

/** What floats above the screen. */
export function Layers({ children }: { children?: ReactNode }) {
  return (
    <>
      {children}
      <CardLayer />
      <EmojiLayer />
      <MenuLayer />
      <Toasts />
      <TipLayer />
    </>
  );
}

/** The network came back, or the window is looked at again: no waiting for the next attempt. */
function followNetwork({ actions }: ReturnType<typeof useClient>): () => void {
  const again = () => {
    if (document.visibilityState === "visible") actions.reconnect();
  };
  addEventListener("online", again);
  document.addEventListener("visibilitychange", again);
  return () => {
    removeEventListener("online", again);
    document.removeEventListener("visibilitychange", again);
  };
}
