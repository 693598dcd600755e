/**
 * Every component in every state, at `/__gallery`: for who draws them, for tests, and for whoever translates. It is a chunk
 * of its own, so that nobody waits for it, and it asks no program anything. Its own words are in no catalogue: they are
 * names of things in the source.
 */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Layers } from "../app/app.tsx";
import { choose, followSettings, useSettings } from "../app/settings.ts";
import { DialogLayer } from "../dialogs/dialog_layer.tsx";
import { type Locale, useLanguage } from "../i18n/translate.ts";
import { Select } from "../parts/field.tsx";
import { DIALOG_STATE, Dialogs } from "./dialogs.tsx";
import "./gallery.css";
import { Applications } from "./applications.tsx";
import { Bots } from "./bots.tsx";
import { Expressions } from "./expressions.tsx";
import { GoneParts } from "./gone.tsx";
import { Media } from "./media.tsx";
import { Moves } from "./moves.tsx";
import { Parts } from "./parts.tsx";
import { Scene } from "./scene.tsx";
import { Searches } from "./searches.tsx";
import { ShellParts } from "./shell.tsx";
import { Talk } from "./talk.tsx";
import { Threads } from "./threads.tsx";

export function showGallery(root: Element): void {
  followSettings();
  createRoot(root).render(
    <StrictMode>
      <Gallery />
    </StrictMode>,
  );
}

function Gallery() {
  const { locale } = useLanguage();
  const settings = useSettings((all) => all);
  return (
    <Scene state={DIALOG_STATE}>
      <main className="nx-gallery" key={locale}>
        <header className="nx-gallery-head">
          <h1>Gallery</h1>
          <Select
            label="Theme"
            value={settings.theme}
            options={[
              ["dark", "Dark"],
              ["light", "Light"],
              ["system", "As the system"],
            ]}
            onValue={(theme) => choose({ theme })}
          />
          <Select<Locale>
            label="Language"
            value={locale}
            options={[
              ["en", "English"],
              ["stretched", "Stretched"],
              ["mirrored", "Mirrored"],
            ]}
            onValue={(locale) => choose({ locale })}
          />
        </header>
        <Parts />
        <Talk />
        <Moves />
        <Threads />
        <Media />
        <Searches />
        <Expressions />
        <ShellParts />
        <GoneParts />
        <Applications />
        <Bots />
        <Dialogs />
      </main>
      <Layers>
        <DialogLayer />
      </Layers>
    </Scene>
  );
}
