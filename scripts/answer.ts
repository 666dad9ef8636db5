// What a gateway answers, for people who read it in a terminal.
import * as z from "zod";

const Problem = z.object({ code: z.string(), detail: z.string() });

/** Null: it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Null: the answer is no problem+json. */
export function problemOf(text: string): z.infer<typeof Problem> | null {
  const parsed = Problem.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : null;
}

/** In one line, whatever stands in an answer. */
export function sayProblem(status: number, text: string): string {
  const problem = problemOf(text);
  const said = problem ? `${problem.code}: ${problem.detail}` : text.replace(/\s+/g, " ").trim().slice(0, 120);
  return said === "" ? `${status}` : `${status} ${said}`;
}

/** Why there is no answer. fetch says "fetch failed" of everything and tells why by its cause. */
export function reasonOf(error: unknown, waitMs: number): string {
  const { name, cause } = error as Error;
  if (name === "TimeoutError") return `none within ${waitMs / 1_000} s`;
  const { code, message } = (cause ?? {}) as { readonly code?: string; readonly message?: string };
  return code ?? message ?? name;
}
