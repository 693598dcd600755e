import { createClient } from "@nexus/core";
import { webOptions } from "@nexus/core/web";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.tsx";
import { ClientProvider } from "./app/client.tsx";
import { followSettings } from "./app/settings.ts";
import { cameBack } from "./door/elsewhere.ts";
import "./styles.ts";

const root = document.getElementById("root");
if (root !== null && location.pathname === "/__gallery") {
  void import("./gallery/gallery.tsx").then(({ showGallery }) => showGallery(root));
} else if (root !== null) {
  start(root);
}

function start(root: Element): void {
  const client = createClient(webOptions());
  // The one-time key of a first run is in the part of the address that is sent to nobody; it is taken away before it is used.
  const setupKey = /^#k=(\w+)$/.exec(location.hash)?.[1] ?? null;
  // So is the code of a mail with which another password is chosen.
  const resetCode = /^#reset=([\w-]+)$/.exec(location.hash)?.[1] ?? null;
  const came = cameBack();
  if (setupKey !== null || resetCode !== null) history.replaceState(null, "", "/");
  followSettings();
  createRoot(root).render(
    <StrictMode>
      <ClientProvider value={client}>
        <App setupKey={setupKey} resetCode={resetCode} came={came} />
      </ClientProvider>
    </StrictMode>,
  );
  addEventListener("pagehide", () => client.keep());
  void client.start();
}
