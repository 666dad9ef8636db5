import { deepEqual, equal, ok } from "node:assert/strict";
import { MARKER } from "../../runtime/payloads.ts";
import type { RawAnswer } from "../../runtime/raw-http.ts";
import type { Guarantee, Part } from "./attempt.ts";
import type { Seen } from "./exchange.ts";
import type { Stage } from "./stage.ts";

interface IngestResult {
  readonly outcome: string;
  readonly reason: string;
  readonly remediationRequest: { readonly namespace: string; readonly name: string } | null;
}

const first = ({ answers, end, rest }: Seen): RawAnswer => {
  const [answer] = answers;
  ok(answer, `no answer: ${end}, ${JSON.stringify(rest.slice(0, 200))}`);
  return answer;
};

export const resultsOf = ({ text }: RawAnswer): readonly IngestResult[] => {
  const { results = [] } = JSON.parse(text) as { results?: readonly IngestResult[] };
  return results;
};

/** Its answer has one of these statuses. */
export const answers = (...statuses: readonly number[]): Guarantee => ({
  text: statuses.join(" or "),
  check(seen) {
    const { status, text } = first(seen);
    ok(statuses.includes(status), `answered ${status}: ${text.slice(0, 300)}`);
  },
});

/** The HTTP parser of a runtime may close the connection over it before anybody else has seen it. */
export const refused: Guarantee = {
  text: "4xx or closed",
  check({ answers: [answer], end }) {
    if (answer)
      ok((answer.status >= 400 && answer.status < 500) || isParsers(answer), `answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    else ok(end === "closed", `neither answered nor closed: ${end}`);
  },
};

/** What is asked for is open to everybody, or is not there, or is refused: it never helps to get at more. */
export const harmless: Guarantee = {
  text: "below 500, and nothing comes of it",
  check({ answers: [answer], end }) {
    ok(answer || end === "closed" || end === "quiet", "neither answered nor closed");
  },
};

/** It is taken, and what it brings is text and nothing else. */
export const taken: Guarantee = {
  text: "taken as text",
  check(seen) {
    const answer = first(seen);
    ok(answer.status < 300, `answered ${answer.status}: ${answer.text.slice(0, 300)}`);
  },
};

/** Every alert of it is kept as a dead letter for this reason. */
export const quarantined = (reason: string): Guarantee => ({
  text: `dead letter: ${reason}`,
  check(seen) {
    const answer = first(seen);
    equal(answer.status, 202);
    for (const result of resultsOf(answer)) deepEqual([result.outcome, result.reason], ["quarantined", reason]);
  },
});

/** Whatever becomes of its alerts becomes of them in the sender's own namespace, or they are dead letters. */
export const withinOwn: Guarantee = {
  text: "a dead letter, or an object of the source's own namespace that names no other",
  check(seen, { namespace }: Stage) {
    const answer = first(seen);
    ok(answer.status < 500, `answered ${answer.status}`);
    if (answer.status >= 400) return;
    for (const { outcome, remediationRequest } of resultsOf(answer))
      ok(outcome === "quarantined" || remediationRequest?.namespace === namespace, `${outcome} in ${remediationRequest?.namespace}`);
  },
};

/** A parser answers what is no HTTP with a status and a few words of its own; 501 and 505 are among what RFC 9110 has for that. */
export const isParsers = ({ status, headers, text }: RawAnswer): boolean =>
  [400, 408, 413, 414, 417, 431, 501, 505].includes(status) && !(headers.get("content-type") ?? "").includes("json") && text.length < 200;

/** A body that comes too late, or beside too many others, is to be sent again: the one thing that is answered 5xx on purpose. */
const isLater = ({ status, headers, text }: RawAnswer): boolean =>
  status === 503 && headers.has("retry-after") && /"code":"(body-late|no-room)"/.test(text);

/** The same of a large body, which may find no room beside others that come at once. */
export const orLater = ({ text, check }: Guarantee): Guarantee => ({
  text: `${text}; or 503 beside other large ones`,
  check: (seen, stage) => (seen.answers[0] && isLater(seen.answers[0]) ? undefined : check(seen, stage)),
});

const PROBLEM = "application/problem+json";

/** How each part words an error: clients of Redis and of Kubernetes expect their own. */
const ERRORS: Readonly<Record<Part, readonly string[]>> = {
  gateway: [PROBLEM],
  "open gateway": [PROBLEM],
  proxy: [PROBLEM],
  bridge: ["application/json", PROBLEM],
  emulation: ["application/json"],
};

/** What holds of each answer, whatever was sent. Kubernetes' own errors name the object that was asked for. */
export function checkAnswer(answer: RawAnswer, at: Part, { secrets }: Stage): void {
  const { status, headers, text } = answer;
  const shown = `${[...headers].flat().join("\n")}\n${text}`;
  for (const secret of secrets) ok(!shown.includes(secret), "an answer holds a secret");
  ok(status < 300 || status >= 400, `answered ${status}: nobody is to be sent elsewhere`);
  if (status < 400 || isParsers(answer)) return;
  ok(status < 500 || isLater(answer), `answered ${status}: ${text.slice(0, 300)}`);
  ok(
    ERRORS[at].includes((headers.get("content-type") ?? "").replace(/;.*/, "")),
    `${status} is ${headers.get("content-type")}: ${text.slice(0, 200)}`,
  );
  if (at === "emulation") return;
  ok(text.length <= 1024, `an error of ${text.length} characters`);
  ok(!text.includes(MARKER), `an error quotes what was sent: ${text.slice(0, 300)}`);
}
