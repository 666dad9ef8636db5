import type { Kind } from "./harness/attempt.ts";
import { credentials } from "./kinds/credentials.ts";
import { namespaces } from "./kinds/namespaces.ts";
import { paths } from "./kinds/paths.ts";
import { smuggling } from "./kinds/smuggling.ts";

/** Every kind of attempt, in the order in which they are made. */
export const KINDS: readonly Kind[] = [credentials, namespaces, paths, smuggling];
