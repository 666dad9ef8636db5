import { MARKER } from "./payloads.ts";

export interface RefusedBody {
  readonly name: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly status: number;
  readonly code: string;
}

const json = (name: string, body: string | Uint8Array<ArrayBuffer>, code = "json-invalid"): RefusedBody => ({
  name,
  body,
  status: 400,
  code,
});
const foreign = (name: string, value: unknown): RefusedBody => ({
  name,
  body: JSON.stringify(value),
  status: 422,
  code: "payload-unexpected",
});
const labels = `"labels":{"alertname":"${MARKER}"`;

/** Bodies that no ingest path takes. */
export const REFUSED_BODIES: readonly RefusedBody[] = [
  json("an empty body", "", "empty"),
  json("nothing but space", " \r\n\t", "empty"),
  json("text", `${MARKER} is down`),
  json("half a body", `{"version":"4","alerts":[{"status":"firing",${labels}`),
  json("a trailing comma", `{"alerts":[{"status":"firing",${labels}}},]}`),
  json("two bodies in one", `{"alerts":[]}{"alerts":["${MARKER}"]}`),
  json("single quotes", `{'alerts':['${MARKER}']}`),
  json("a comment", `{"alerts":[]/* ${MARKER} */}`),
  json("NaN", `{"alerts":[NaN,"${MARKER}"]}`),
  json("a raw line break in a string", `{"alerts":["${MARKER}\n"]}`),
  json(
    "invalid UTF-8",
    new Uint8Array([...new TextEncoder().encode(`{"alerts":["${MARKER}`), 0xc3, 0x28, 0x22, 0x5d, 0x7d]),
    "utf8-invalid",
  ),
  json("UTF-8 of a lone surrogate", new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]), "utf8-invalid"),
  json("UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), "utf8-invalid"),
  json("a name twice", `{"alerts":[],"alerts":["${MARKER}"]}`, "duplicate-key"),
  json("a name twice, once in escapes", `{"alerts":[],"\\u0061lerts":["${MARKER}"]}`, "duplicate-key"),
  json("a label twice", `{"alerts":[{"status":"firing",${labels},"alertname":"other"}}]}`, "duplicate-key"),
  json("__proto__ twice", `{"alerts":[{"labels":{"__proto__":"${MARKER}","__proto__":"b"}}]}`, "duplicate-key"),
  json("100,000 levels", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, "too-deep"),
  json("100,000 open brackets", "[".repeat(100_000), "too-deep"),
  foreign("null", null),
  foreign("a number", 42),
  foreign("a string", MARKER),
  foreign("an object of another kind", { text: MARKER, blocks: [{ type: "section" }] }),
  foreign("alerts that are no array", { version: "4", alerts: { labels: { alertname: MARKER } } }),
  foreign("a webhook of another version without labels", { version: "5", alerts: [{ alertname: MARKER }] }),
];
