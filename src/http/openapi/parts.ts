/** A piece of an OpenAPI 3.1 document. */
export type Json = Readonly<Record<string, unknown>>;

export const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
export const json = (description: string, schema: Json): Json => ({ description, content: { "application/json": { schema } } });
export const nullable = (schema: Json): Json => ({ anyOf: [schema, { type: "null" }] });
export const array = (items: Json): Json => ({ type: "array", items });
/** An object in which everything is required. */
export const object = (properties: Json): Json => ({ type: "object", properties, required: Object.keys(properties) });

export const text = { type: "string" };
export const time = { type: "string", format: "date-time" };
export const count = { type: "integer", minimum: 0 };
export const fingerprint = { type: "string", pattern: "^[0-9a-f]{64}$" };
export const texts = { type: "object", additionalProperties: text };

/** An answer of application/problem+json. */
export const problemAnswer = (description: string): Json => ({
  description,
  content: { "application/problem+json": { schema: reference("Problem") } },
});

export const RETRY = { "Retry-After": { schema: { type: "integer" }, description: "Seconds." } };
export const HOST_FORBIDDEN = "Without a configured source: the Host is not this machine.";

const unavailable = { ...problemAnswer("A store cannot be reached."), headers: RETRY };

/** How whoever may not, or a store that is away, is answered by what readers see. */
export const READER_REFUSALS: Json = {
  401: problemAnswer("Neither a read nor an admin token."),
  403: problemAnswer(HOST_FORBIDDEN),
  503: unavailable,
};

/** The same of what administrators do; `notFound` says what may be missing. */
export const adminRefusals = (notFound: string): Json => ({
  401: problemAnswer("Not an admin token."),
  403: problemAnswer(`A read token. ${HOST_FORBIDDEN}`),
  404: problemAnswer(notFound),
  503: unavailable,
});

const QUERY: Readonly<Record<"cluster" | "offset" | "after" | "limit", Json>> = {
  cluster: text,
  offset: { type: "integer", minimum: 0, maximum: 100_000 },
  after: { type: "integer", minimum: 0, maximum: 100_000 },
  limit: { type: "integer", minimum: 1, maximum: 500 },
};

/** Query parameters. */
export const query = (...names: readonly (keyof typeof QUERY)[]): Json[] =>
  names.map((name) => ({ name, in: "query", schema: QUERY[name] }));
