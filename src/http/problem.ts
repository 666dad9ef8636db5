/** Seconds after which a sender that reads Retry-After should come back; Alertmanager backs off by itself. */
export const RETRY_AFTER = { "retry-after": "5" };

const PROBLEM_TYPE = "application/problem+json";

/** An error as RFC 9457 wants it, below 1 KiB. `code` is a stable word for programs, `detail` a sentence for people; neither may quote a payload or a secret. */
export function problem(status: number, code: string, detail: string, headers: Record<string, string> = {}): Response {
  const body = JSON.stringify({ status, code, title: code.replaceAll("-", " "), detail: detail.slice(0, 500) });
  return new Response(body, { status, headers: { ...headers, "content-type": PROBLEM_TYPE } });
}

/** 401, with both schemes in which a token may come (RFC 9110). */
export const unauthorized = (detail: string): Response =>
  problem(401, "unauthorized", detail, { "www-authenticate": 'Bearer realm="breakwater", Basic realm="breakwater"' });

/** The code of an answer that `problem` made, which stays as it is; null: another answer. */
export async function problemCode(answer: Response): Promise<string | null> {
  if (answer.headers.get("content-type") !== PROBLEM_TYPE) return null;
  const { code } = (await answer.clone().json()) as { readonly code: string };
  return code;
}
