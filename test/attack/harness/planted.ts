/** Secrets of other systems that a careless sender puts into a request. */
export const PLANTED = {
  cookie: "planted-cookie-5f0c",
  apiKey: "planted-api-key-77aa",
  password: "planted-password-c1d2",
  query: "planted-query-e3f4",
  url: "planted-url-b5a6",
  token: "planted-token-9e81",
} as const;
