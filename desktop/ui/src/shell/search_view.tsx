import { filtersIn, HAS, type SearchPlace, type SearchProblem } from "@nexus/core";
import { useApp } from "../app/client.tsx";
import { failureText } from "../app/failure_text.ts";
import { t } from "../i18n/translate.ts";
import { Button } from "../parts/button.tsx";
import { CircleAlert, Minus, Search as SearchIcon, WifiOff } from "../parts/icons.ts";
import { Banner, Empty } from "../parts/notice.tsx";
import { Spinner } from "../parts/progress.tsx";
import { SearchResults } from "./search_results.tsx";
import { type Found, isAway, pagesBeside, type Search, type Stage } from "./use_search.ts";

interface Facts {
  readonly search: Search;
  readonly onInsert: (words: string) => void;
  readonly onVisit: (channelId: string, messageId: string) => void;
  /** Back to the field. */
  readonly onUp: () => void;
}

/** Below the field: what one may type, how far the search is, and what was found. */
export function SearchView({ search, onInsert, onVisit, onUp }: Facts) {
  const { stage, found } = search;
  const asked = stage.is !== "idle" && stage.is !== "unclear";
  return (
    <div className="nx-search-view">
      <span className="nx-hidden" role="status">
        {spoken(stage, found)}
      </span>
      {stage.is === "idle" ? <Help place={search.place} onInsert={onInsert} /> : null}
      {stage.is === "unclear" ? <Problems place={search.place} problems={stage.problems} /> : null}
      {asked ? <Head search={search} /> : null}
      {stage.is === "working" ? <Working looked={stage.looked} onStop={search.stop} /> : null}
      {stage.is === "stopped" ? <Stopped onGoOn={search.again} /> : null}
      {stage.is === "failed" ? <Failed search={search} /> : null}
      {found?.page.inPart === true ? <Banner>{t("search.in_part")}</Banner> : null}
      {found !== null && found.page.total === 0 && stage.is === "done" ? (
        <Empty icon={SearchIcon} title={t("search.none")} text={t("search.none_text")} />
      ) : null}
      {found === null || found.page.total === 0 ? null : (
        <>
          <SearchResults
            messages={found.page.messages}
            words={found.words}
            busy={stage.is === "working"}
            onVisit={onVisit}
            onUp={onUp}
          />
          <Pages found={found} onTurn={search.turnTo} />
        </>
      )}
    </div>
  );
}

/** For whoever does not see it. */
function spoken(stage: Stage, found: Found | null): string {
  if (stage.is === "working") return t("search.working");
  if (stage.is === "stopped") return t("search.stopped");
  if (stage.is !== "done" || found === null) return "";
  return found.page.total === 0 ? t("search.none") : t("search.results", { n: found.page.total });
}

/** What one may type; pressed, it is typed. */
function Help({ place, onInsert }: { place: SearchPlace; onInsert: (words: string) => void }) {
  return (
    <section className="nx-search-help">
      <h2 className="nx-search-title">{t("search.help_title")}</h2>
      <p className="nx-search-text">{t("search.help_text")}</p>
      <ul>
        {filtersIn(place).map((filter) => (
          <li key={filter}>
            <button type="button" className="nx-search-filter" onClick={() => onInsert(`${filter}:`)}>
              <span className="nx-search-filter-name">
                {filter}:<span>{t(`search.example_${filter}`)}</span>
              </span>
              <span className="nx-search-filter-what">{t(`search.filter_${filter}`)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Problems({ place, problems }: { place: SearchPlace; problems: readonly SearchProblem[] }) {
  return (
    <Banner tone="danger">
      {problems.map((problem) => (
        <p key={problem.filter + problem.value}>
          <bdi>{problemText(problem, place)}</bdi>
        </p>
      ))}
    </Banner>
  );
}

function problemText({ filter, value }: SearchProblem, { kind }: SearchPlace): string {
  // Wrong whatever is named.
  if (kind === "conversation" && filter === "in") return t("search.one_channel");
  if (value === "") return t("search.empty_filter", { filter: `${filter}:` });
  switch (filter) {
    case "from":
      return t("search.nobody", { value });
    case "mentions":
      return t(kind === "guild" ? "search.nobody_or_role" : "search.nobody", { value });
    case "in":
      return t("search.no_channel", { value });
    case "has":
      return t("search.has_what", { value, all: HAS.join(", ") });
    case "pinned":
      return t("search.pinned_what");
    default:
      return t("search.no_day", { value });
  }
}

/** How many there are, and in which order they come. */
function Head({ search }: { search: Search }) {
  const { found, oldestFirst, order } = search;
  return (
    <div className="nx-search-facts">
      {found === null ? (
        <span />
      ) : (
        <h2 className="nx-search-title">{t("search.found", { n: found.page.total })}</h2>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in */}
      <div className="nx-search-order" role="group" aria-label={t("search.order")}>
        {([false, true] as const).map((oldest) => (
          <button
            key={String(oldest)}
            type="button"
            className="nx-tag-choice"
            aria-pressed={oldestFirst === oldest}
            onClick={() => order(oldest)}
          >
            {oldest ? t("search.oldest") : t("search.newest")}
          </button>
        ))}
      </div>
    </div>
  );
}

function Working({ looked, onStop }: { looked: number; onStop: () => void }) {
  return (
    <div className="nx-search-working">
      <Spinner size={20} />
      <span>{looked === 0 ? t("search.working") : t("search.looked", { n: looked })}</span>
      <Button small onClick={onStop}>
        {t("search.stop")}
      </Button>
    </div>
  );
}

function Stopped({ onGoOn }: { onGoOn: () => void }) {
  return (
    <Empty icon={Minus} title={t("search.stopped")} text={t("search.stopped_text")}>
      <Button onClick={onGoOn}>{t("search.go_on")}</Button>
    </Empty>
  );
}

function Failed({ search: { stage, again } }: { search: Search }) {
  const isBroken = useApp((state) => state.session.phase !== "ready");
  if (stage.is !== "failed") return null;
  const away = isAway(stage.failure);
  const text = away && isBroken ? t("search.offline_text") : failureText(stage.failure);
  return (
    <Empty icon={away ? WifiOff : CircleAlert} title={t("search.failed")} text={text}>
      <Button onClick={again}>{t("common.retry")}</Button>
    </Empty>
  );
}

function Pages({ found, onTurn }: { found: Found; onTurn: (offset: number) => void }) {
  const { before, after } = pagesBeside(found);
  if (before === null && after === null) return null;
  const { offset, page } = found;
  const shown = { from: offset + 1, to: offset + page.messages.length, total: page.total };
  return (
    <nav className="nx-search-pages" aria-label={t("search.pages")}>
      <Button small disabled={before === null} onClick={() => onTurn(before ?? 0)}>
        {t("search.previous")}
      </Button>
      <span>{t("search.page", shown)}</span>
      <Button small disabled={after === null} onClick={() => onTurn(after ?? 0)}>
        {t("search.next")}
      </Button>
    </nav>
  );
}
