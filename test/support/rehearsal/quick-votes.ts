// A process of one role in which so many ms pass between two votes of a rule, and in all else as src/entry/bun.ts.
import { createPartHere } from "../part-here.ts";

const [voteMs] = process.argv.slice(2);
const settings = process.env as Readonly<Record<string, string>>;
const part = await createPartHere(Number(voteMs))(settings);
await part.start({ PORT: settings.PORT ?? "", BIND_ADDRESS: settings.BIND_ADDRESS ?? "" });
