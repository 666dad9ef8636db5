import { LETTER_KINDS } from "../../ports/ledger.ts";
import { adminRefusals, array, type Json, json, object, problemAnswer, query, reference, text } from "./parts.ts";

const security = [{ admin: [] }];
const id = { name: "id", in: "path", required: true, schema: { type: "string" }, description: "As the list of windows names it." };

const letterId = { ...id, description: "As the list of dead letters names it." };
const NO_LETTER = "No such cluster or dead letter.";

const reading = (summary: string, parameters: readonly Json[], answer: Json, notFound: string): Json => ({
  get: {
    summary,
    security,
    parameters,
    responses: {
      200: json("A page.", answer),
      400: problemAnswer("A query parameter is out of bounds."),
      ...adminRefusals(notFound),
    },
  },
});

/** A change, which is audited. It needs no body, but the content type. */
const change = (summary: string, parameters: readonly Json[], responses: Json, notFound: string): Json => ({
  post: {
    summary,
    security,
    parameters,
    requestBody: {
      required: true,
      description: "None is read, but the content type must be told.",
      content: { "application/json": { schema: {} } },
    },
    responses: { ...responses, ...adminRefusals(notFound), 415: problemAnswer("The content type is not JSON.") },
  },
});

/** What administrators see and do. */
export const adminPaths: Json = {
  "/api/v1/admin/dead-letters": reading(
    "Alerts that cannot be judged, and requests that could not be made, latest first.",
    [...query("cluster", "offset", "limit"), { name: "kind", in: "query", schema: { enum: LETTER_KINDS } }],
    object({ cluster: text, total: { type: "integer" }, deadLetters: array(reference("DeadLetter")) }),
    "No such cluster.",
  ),
  "/api/v1/admin/dead-letters/discard": change(
    "Forgets all dead letters of a kind, a source and an age, oldest first, as POST of /{id}/discard does each. At least one of the three is told.",
    [
      ...query("cluster"),
      { name: "kind", in: "query", schema: { enum: LETTER_KINDS } },
      { name: "source", in: "query", schema: { type: "string", pattern: "^\\w{1,40}$" } },
      { name: "before", in: "query", schema: { type: "string", format: "date-time" }, description: "They were last seen before it." },
    ],
    {
      200: json(
        "So many are gone. `more`: some may be left, and the same call goes on.",
        object({ cluster: text, discarded: { type: "integer", minimum: 0 }, more: { type: "boolean" } }),
      ),
      400: problemAnswer("No filter is told, one cannot be read, or there is a parameter that is not known."),
    },
    "No such cluster.",
  ),
  "/api/v1/admin/dead-letters/{id}": reading(
    "A dead letter.",
    [letterId, ...query("cluster")],
    object({ cluster: text, deadLetter: reference("DeadLetter") }),
    NO_LETTER,
  ),
  "/api/v1/admin/dead-letters/{id}/replay": change(
    "Tries for a request again, or judges an invalid alert anew under the settings of today. Sent twice, it does so once.",
    [letterId, ...query("cluster")],
    {
      200: json(
        "The alert was judged, and its letter is gone.",
        object({ cluster: text, id: text, replayed: { const: "decided" }, result: reference("Result") }),
      ),
      202: json(
        "The request is tried for now; the letter stays until it is there.",
        object({ cluster: text, id: text, replayed: { const: "opened" } }),
      ),
      409: problemAnswer("The alert is still invalid, is not kept whole, or its source is no more; the letter stays."),
    },
    NO_LETTER,
  ),
  "/api/v1/admin/dead-letters/{id}/discard": change(
    "Forgets a dead letter, and stops trying for its request: the next alert starts anew.",
    [letterId, ...query("cluster")],
    { 200: json("It is gone.", object({ cluster: text, id: text, discarded: { const: true } })) },
    NO_LETTER,
  ),
  "/api/v1/admin/windows": reading(
    "Windows in which alerts wait for others, and storms, the next due first.",
    query("cluster", "offset", "limit"),
    object({ cluster: text, total: { type: "integer" }, windows: array(reference("Window")) }),
    "No such cluster.",
  ),
  "/api/v1/admin/windows/{id}": reading(
    "A window and its alerts, in the order in which they joined.",
    [id, ...query("cluster", "after", "limit")],
    object({ cluster: text, window: reference("Window"), members: array(reference("Member")) }),
    "No such cluster or window.",
  ),
  "/api/v1/admin/windows/{id}/flush": change(
    "Ends the wait of a window below its threshold, or closes a storm to new alerts.",
    [id, ...query("cluster")],
    { 202: json("It is due now.", object({ cluster: text, id: text, flushed: { const: true } })) },
    "No such cluster or open window.",
  ),
  "/api/v1/admin/flags": {
    get: {
      summary:
        "Which share of the namespaces has each feature, by what settings and override, and what became of alerts with and without it.",
      security,
      parameters: query("cluster"),
      responses: { 200: json("By cluster.", object({ clusters: array(reference("Flags")) })), ...adminRefusals("No such cluster.") },
    },
    post: {
      summary: "Overrides the share of a feature, which only lowers the setting, or takes that back. It holds from the next decision on.",
      security,
      requestBody: { required: true, content: { "application/json": { schema: reference("FlagChange") } } },
      responses: {
        200: json("How the features of the cluster stand now.", reference("Flags")),
        ...adminRefusals("No such cluster."),
        400: problemAnswer("The body is no JSON."),
        409: problemAnswer(
          "The share is above the lowest setting, or a rule has turned the feature off and is not acknowledged; nothing is changed.",
        ),
        413: problemAnswer("The body is too large."),
        415: problemAnswer("The content type is not JSON, or the encoding is not known."),
        422: problemAnswer("There is no such feature or share, no reason, or the body is another object."),
      },
    },
  },
  "/api/v1/admin/sweep": change(
    "Does what is due now: windows, requests and counts.",
    query("cluster"),
    { 200: json("A round was made.", object({ cluster: text, swept: { const: true } })) },
    "No such cluster.",
  ),
};
