import type { Kind } from "./harness/attempt.ts";
import { bridge } from "./kinds/bridge.ts";
import { callTokens } from "./kinds/call-tokens.ts";
import { credentials } from "./kinds/credentials.ts";
import { emulation } from "./kinds/emulation.ts";
import { injection } from "./kinds/injection.ts";
import { json } from "./kinds/json.ts";
import { kubernetes } from "./kinds/kubernetes.ts";
import { namespaces } from "./kinds/namespaces.ts";
import { paths } from "./kinds/paths.ts";
import { rebinding } from "./kinds/rebinding.ts";
import { secrets } from "./kinds/secrets.ts";
import { size } from "./kinds/size.ts";
import { slow } from "./kinds/slow.ts";
import { smuggling } from "./kinds/smuggling.ts";

/** Every kind of attempt, in the order in which they are made. */
export const KINDS: readonly Kind[] = [
  credentials,
  namespaces,
  paths,
  smuggling,
  rebinding,
  callTokens,
  injection,
  kubernetes,
  json,
  bridge,
  emulation,
  size,
  slow,
  secrets,
];
