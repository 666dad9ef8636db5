// The admin route for flags, as a caller sees it.
import * as z from "zod";
import { jsonOf, reasonOf, sayProblem } from "../answer.ts";

/** Longest wait for one answer: a gateway gives its own within 10 s. */
const ANSWERED_MS = 15_000;

const PATH = "/api/v1/admin/flags";

const Percent = z.number();
const Outcomes = z.record(z.string(), z.number());
const Flag = z.looseObject({
  feature: z.string(),
  percent: Percent,
  settingPercent: Percent,
  lowestSettingPercent: Percent,
  override: z.nullable(z.object({ percent: Percent, at: z.string(), by: z.nullable(z.string()), reason: z.nullable(z.string()) })),
  lost: z.nullable(z.object({ percent: Percent, at: z.string(), noticedAt: z.string() })),
  arms: z.object({ on: Outcomes, off: Outcomes }),
  rollback: z.nullable(z.looseObject({ rule: z.string(), at: z.string(), alerts: z.array(z.string()) })),
  rules: z.array(z.looseObject({ rule: z.string(), state: z.string(), votes: z.number(), blind: z.boolean() })),
  next: z.nullable(z.object({ percent: Percent, needs: z.array(z.object({ rule: z.string(), state: z.string() })) })),
});
const Flags = z.looseObject({ cluster: z.string(), features: z.array(Flag) });

export type FlagShown = z.infer<typeof Flag>;
export type FlagsShown = z.infer<typeof Flags>;

/** What an administrator wants. */
export interface FlagChange {
  readonly cluster?: string | undefined;
  readonly feature: string;
  readonly share: string | boolean | null;
  readonly reason: string;
  /** The rule that has turned the feature off. */
  readonly acknowledge?: string | undefined;
}

/** The gateway did not do what was asked. The message is for people. */
export class NotDone extends Error {}

/** The gateway at `url`, asked with an admin token. All throw `NotDone`. */
export function flagsAt(url: URL, token: string, send: (url: URL, init: RequestInit) => Promise<Response> = fetch) {
  const ask = async <T>(query: string, schema: z.ZodType<T>, body?: FlagChange): Promise<T> => {
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": "application/json" }) };
    // The route never redirects; who follows would hand the token to somebody else.
    const init = {
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWERED_MS),
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    };
    let answer: { readonly status: number; readonly text: string };
    try {
      const response = await send(new URL(PATH + query, url), init as RequestInit);
      answer = { status: response.status, text: await response.text() };
    } catch (error) {
      throw new NotDone(`no answer from ${url.host}: ${reasonOf(error, ANSWERED_MS)}`);
    }
    const hint = answer.status === 401 ? " (the token is read from ADMIN_TOKEN)" : "";
    if (answer.status !== 200) throw new NotDone(`the gateway says ${sayProblem(answer.status, answer.text)}${hint}`);
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (!parsed.success) throw new NotDone(`what answers at ${url.host} is no gateway that has flags`);
    return parsed.data;
  };
  return {
    async show(cluster?: string): Promise<readonly FlagsShown[]> {
      const query = cluster === undefined ? "" : `?cluster=${encodeURIComponent(cluster)}`;
      return (await ask(query, z.object({ clusters: z.array(Flags) }))).clusters;
    },
    /** How the features of the cluster stand then. */
    set: (change: FlagChange): Promise<FlagsShown> => ask("", Flags, change),
  };
}
