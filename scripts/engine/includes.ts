// Which statements a command consists of, in their order. Knows nothing of what they mean.
import { LuaError, type LuaFile, type Statement } from "./source.ts";

/** The statements of a command, each file's where it is first included. Throws `LuaError` for a circle, with the way round it. */
export function includedStatements(command: LuaFile, library: ReadonlyMap<string, LuaFile>): Statement[] {
  const done = new Set<string>();
  const visit = (file: LuaFile, stack: readonly string[]): Statement[] => {
    if (stack.includes(file.path)) throw new LuaError(`a circle of includes: ${[...stack, file.path].join(" → ")}`);
    if (done.has(file.path)) return [];
    const within = [...stack, file.path];
    const statements = file.parts.flatMap((part) => (part.kind === "statement" ? [part] : visit(fileAt(part.path, file, library), within)));
    done.add(file.path);
    return statements;
  };
  return visit(command, []);
}

/** The files that a file includes, also those behind others, without itself. */
export function filesBehind(file: LuaFile, library: ReadonlyMap<string, LuaFile>): LuaFile[] {
  const found = new Set<LuaFile>();
  const visit = (from: LuaFile) => {
    for (const part of from.parts) {
      if (part.kind !== "include") continue;
      const target = fileAt(part.path, from, library);
      if (found.has(target)) continue;
      found.add(target);
      visit(target);
    }
  };
  visit(file);
  return [...found];
}

function fileAt(path: string, from: LuaFile, library: ReadonlyMap<string, LuaFile>): LuaFile {
  const file = library.get(path);
  if (!file) throw new LuaError(`${from.path}: includes ${path}, which is not there`);
  return file;
}
