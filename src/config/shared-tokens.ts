import { sha256HexNow } from "../domain/sha256.ts";
import type { Source } from "../domain/source.ts";
import type { Settings } from "./settings.ts";

/** A sentence for each token that stands for more than one: who presents it must be one source, and nothing else. */
export function sharedTokens(sources: readonly Source[], settings: Settings): string[] {
  const { ADMIN_TOKEN_SHA256: admin, READ_TOKEN_SHA256: read, UPSTASH_REDIS_REST_TOKEN: redis } = settings;
  const owners: readonly (readonly [owner: string, hashes: readonly string[]])[] = [
    ...sources.map(({ name, bearerSha256 }) => [`SOURCE_${name.toUpperCase()}`, bearerSha256] as const),
    ["ADMIN_TOKEN_SHA256", admin ?? []],
    ["READ_TOKEN_SHA256", read ?? []],
    ["UPSTASH_REDIS_REST_TOKEN", redis === null ? [] : [sha256HexNow(redis)]],
  ];
  const tokens = owners.flatMap(([owner, hashes]) => [...new Set(hashes)].map((hash) => ({ owner, hash })));
  return [...Map.groupBy(tokens, ({ hash }) => hash).values()]
    .filter((same) => same.length > 1)
    .map((same) => `${same.map(({ owner }) => owner).join(" and ")} share a token`);
}
