import { createClient } from "@nexus/core";
import { webOptions } from "@nexus/core/web";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { useStore } from "zustand";

const client = createClient(webOptions());

function Page() {
  const phase = useStore(client.store, (state) => state.session.phase);
  const guilds = useStore(client.store, (state) => state.guildOrder.length);
  return (
    <main>
      <h1>Nexus</h1>
      <p data-phase={phase}>
        {phase}, {guilds} guilds
      </p>
    </main>
  );
}

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Page />
    </StrictMode>,
  );
}

// The one-time key of a first run is in the part of the address that is sent to nobody; it is used and taken away.
const key = /^#k=(\w+)$/.exec(location.hash)?.[1];
if (key !== undefined) history.replaceState(null, "", "/");
await client.start();
if (key !== undefined && client.store.getState().session.phase === "signed_out") {
  await client.actions.setup(key, "Owner");
}
