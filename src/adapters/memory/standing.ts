import { SESSION_ALIVE_MS, VOUCHED_MAX_MS } from "../../domain/ledger-limits.ts";
import type { Rung } from "../../domain/outcome.ts";
import type { AdmitAlert } from "../../ports/ledger.ts";
import type { Episode } from "./episode.ts";
import type { Bench } from "./judge.ts";

/** How far a live state can be believed: as it is and why, only after a look that is this caller's, or not, as nobody could look. */
export type Standing = { readonly kind: "believed"; readonly rung: Rung } | { readonly kind: "check" | "unknown" };

/** Of a live request, for one alert. */
export function standing(bench: Bench, record: Episode, alert: AdmitAlert): Standing {
  const { book, rules, told, asking, nowMs } = bench;
  if (!rules.stateBasedDedup || alert.unreachable) return { kind: "unknown" };
  if (told.has(record.subject)) return { kind: "believed", rung: "kubernetes" };
  const vouched = isVouchedFor(bench, record);
  const fresh = nowMs - record.checkedAtMs < rules.stateTtlMs;
  const asked = nowMs < record.checkUntilMs && !asking.has(record.subject);
  if (!vouched && !fresh && !asked) return { kind: "check" };
  book.counters.state_cache_hits += 1;
  return { kind: "believed", rung: vouched ? "relay" : "cache" };
}

/** A watch that is alive would have told of any change; the bound heals what nobody thought of. */
function isVouchedFor({ book, nowMs }: Bench, record: Episode): boolean {
  const heartbeatMs = book.sessions.get(record.session ?? "");
  return heartbeatMs !== undefined && nowMs - heartbeatMs < SESSION_ALIVE_MS && nowMs - record.checkedAtMs < VOUCHED_MAX_MS;
}
