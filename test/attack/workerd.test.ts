import { attack } from "./harness/attack.ts";
import { openWorkerd } from "./harness/worker-stage.ts";

attack("workerd", openWorkerd);
