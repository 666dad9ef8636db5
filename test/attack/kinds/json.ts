import { equal, ok } from "node:assert/strict";
import { alertIn, eventIn, fresh, webhook } from "../../runtime/payloads.ts";
import type { Attempt, Guarantee, Kind } from "../harness/attempt.ts";
import { exchange } from "../harness/exchange.ts";
import { answers } from "../harness/guarantees.ts";
import { ask, bearer, EVENTS, JSON_TYPE, PROMETHEUS, postTo } from "../harness/request.ts";
import { urlOf } from "../harness/stage.ts";

const POLLUTED = "polluted";

/** What another sender is told of a plain alert has nothing of what this one sent. */
const tellsNobody: Guarantee = {
  text: "taken or refused, and no other alert has anything of it",
  async check(seen, stage) {
    ok((seen.answers[0]?.status ?? 500) < 500, `answered ${seen.answers[0]?.status}`);
    const sending = postTo(`${PROMETHEUS}?dryRun=true`, webhook([alertIn(stage.namespace)]), bearer(stage.tokens.source));
    const [other] = (await exchange(urlOf(stage, "gateway"), sending)).answers;
    equal(other?.status, 200);
    ok(!other?.text.includes(POLLUTED), "another alert has something of it");
  },
};

/** A place of a payload where `{}` may stand, written around what is put there. */
const PLACES: readonly (readonly [name: string, path: string, around: (member: string) => string])[] = [
  ["a webhook", PROMETHEUS, (member) => JSON.stringify(webhook([alertIn("shop")])).replace("{", `{${member},`)],
  ["an alert", PROMETHEUS, (member) => JSON.stringify(webhook([alertIn("shop")])).replace('[{"status"', `[{${member},"status"`)],
  ["labels", PROMETHEUS, (member) => JSON.stringify(webhook([alertIn("shop")])).replace('"labels":{', `"labels":{${member},`)],
  [
    "annotations",
    PROMETHEUS,
    (member) => JSON.stringify(webhook([alertIn("shop")])).replace('"annotations":{', `"annotations":{${member},`),
  ],
  ["an event", EVENTS, (member) => JSON.stringify(eventIn("shop")).replace("{", `{${member},`)],
  ["an event's metadata", EVENTS, (member) => JSON.stringify(eventIn("shop")).replace('"metadata":{', `"metadata":{${member},`)],
  ["an event's object", EVENTS, (member) => JSON.stringify(eventIn("shop")).replace('"involvedObject":{', `"involvedObject":{${member},`)],
];

const MEMBERS: readonly (readonly [name: string, member: string])[] = [
  ["__proto__", `"__proto__":{"${POLLUTED}":"${POLLUTED}","namespace":"kube-system","severity":"critical"}`],
  ["__proto__ in escapes", `"\\u005f_proto__":{"${POLLUTED}":"${POLLUTED}"}`],
  ["a constructor's prototype", `"constructor":{"prototype":{"${POLLUTED}":"${POLLUTED}"}}`],
  ["toString, toJSON, valueOf and then", `"toString":"${POLLUTED}","toJSON":"${POLLUTED}","valueOf":"${POLLUTED}","then":"${POLLUTED}"`],
];

const prototypes: readonly Attempt[] = PLACES.flatMap(([place, path, around]) =>
  MEMBERS.map(
    ([name, member]): Attempt => ({
      name: `${name} in ${place}`,
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(path, around(member).replaceAll('"shop"', `"${namespace}"`), bearer(tokens.source)),
      holds: tellsNobody,
    }),
  ),
);

const twice: readonly Attempt[] = PLACES.map(([place, path, around]) => ({
  name: `a name twice in ${place}`,
  at: "gateway",
  sends: ({ tokens }) => postTo(path, around('"nightingale":1,"nightingale":2'), bearer(tokens.source)),
  holds: answers(400),
}));

const alert = (over: string): string =>
  JSON.stringify(webhook([alertIn("shop", { topic: fresh() })])).replace('[{"status"', `[{${over},"status"`);

/** Texts that parsers read in more than one way. */
const TEXTS: readonly (readonly [name: string, text: string | Uint8Array, statuses: readonly number[]])[] = [
  ["a byte order mark", `\ufeff${JSON.stringify(webhook([]))}`, [202, 400]],
  [
    "a namespace twice, its own last",
    '{"alerts":[{"status":"firing","labels":{"alertname":"x","namespace":"kube-system","namespace":"shop"}}]}',
    [400],
  ],
  [
    "a namespace twice, once in escapes",
    '{"alerts":[{"status":"firing","labels":{"alertname":"x","namespace":"shop","\\u006eamespace":"kube-system"}}]}',
    [400],
  ],
  ["alerts twice", '{"alerts":[],"alerts":[{"status":"firing","labels":{"alertname":"x"}}]}', [400]],
  ["100,000 levels of lists", `{"alerts":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, [400]],
  ["100,000 levels of objects", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, [400]],
  ["levels that are never closed", "[".repeat(500_000), [400]],
  ["levels within a label", alert(`"x":${"[".repeat(5_000)}${"]".repeat(5_000)}`), [201, 202, 400]],
  ["a number of 100,000 digits", alert(`"x":${"9".repeat(100_000)}`), [201, 202]],
  ["a number with a large exponent", alert('"x":1e999999999'), [201, 202]],
  ["a number with a long fraction", alert(`"x":0.${"0".repeat(50_000)}1`), [201, 202]],
  ["NaN", '{"alerts":[NaN]}', [400]],
  ["Infinity", '{"alerts":[-Infinity]}', [400]],
  ["a hexadecimal number", '{"alerts":[0x10]}', [400]],
  ["a number with a leading zero", '{"alerts":[010]}', [400]],
  ["a comment", '{"alerts":[]/* nightingale */}', [400]],
  ["single quotes", "{'alerts':[]}", [400]],
  ["a trailing comma", '{"alerts":[],}', [400]],
  ["a raw line break in a text", '{"alerts":["\n"]}', [400]],
  ["a raw NUL in a text", '{"alerts":["\u0000"]}', [400]],
  ["an escape that is none", '{"alerts":["\\x41"]}', [400]],
  ["a lone surrogate in escapes", alert('"x":"\\ud800"'), [201, 202]],
  ["UTF-16", Buffer.from('\ufeff{"alerts":[]}', "utf16le"), [400]],
  ["overlong UTF-8", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), [400]],
  ["half a character", Buffer.from([0x22, 0xe2, 0x82, 0x22]), [400]],
  ["two values", '{"alerts":[]} {"alerts":[]}', [400]],
  ["a text after the value", '{"alerts":[]}\u0000nightingale', [400]],
  ["an array that calls itself an object", '{"alerts":{"0":{"labels":{"alertname":"x"}},"length":1}}', [422]],
  ["alerts that are a text", '{"alerts":"nightingale"}', [422]],
  ["1,000,000 empty texts", `{"alerts":[],"x":[${'"",'.repeat(1_000_000)}""]}`, [202, 413]],
];

const texts: readonly Attempt[] = TEXTS.map(([name, text, statuses]) => ({
  name,
  at: "gateway",
  sends: ({ tokens }) => ask(PROMETHEUS, { method: "POST", headers: [JSON_TYPE, bearer(tokens.source)], body: text }),
  holds: answers(...statuses),
}));

/** JSON is read in one way only, and no member of it changes what every object inherits. */
export const json: Kind = {
  name: "JSON",
  controls: [
    {
      name: "an alert",
      at: "gateway",
      sends: ({ tokens, namespace }) => postTo(PROMETHEUS, webhook([alertIn(namespace)]), bearer(tokens.source)),
      holds: answers(201),
    },
  ],
  attempts: [...prototypes, ...twice, ...texts],
};
