/** What both Redis and Upstash give a script, as far as the engine needs it. */
export const GIVEN: ReadonlySet<string> = new Set([
  ...["redis", "KEYS", "ARGV", "string", "table", "math"],
  ...["ipairs", "pairs", "unpack", "tonumber", "tostring", "type", "pcall", "error"],
]);
