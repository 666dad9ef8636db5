// What names mean in a list of Lua statements: where they are declared and read, and how many of them Lua holds at a time.
import type { Node, Statement } from "./source.ts";

export interface Variable {
  readonly name: string;
  readonly line: number;
  readonly path: string;
  /** The top-level statement that declares it; null: it lies deeper. */
  readonly statement: Statement | null;
  readonly owner: Scope;
  /** Parameters of the function that it names for good; null: it is something else, or takes any number. */
  arity: number | null;
  reads: number;
}

/** A function and what it holds. Lua 5.1 has room for 200 locals at a time and 60 names of functions around it. */
export interface Scope {
  readonly parent: Scope | null;
  readonly line: number;
  readonly path: string;
  readonly upvalues: Set<Variable>;
  locals: number;
  localsMost: number;
}

export interface Call {
  readonly target: Variable;
  readonly given: number;
  /** The last argument is a call itself, so that there may be more than `given`, or one less. */
  readonly open: boolean;
  readonly line: number;
  readonly path: string;
}

export interface Meaning {
  readonly variables: readonly Variable[];
  readonly scopes: readonly Scope[];
  readonly calls: readonly Call[];
  /** Names that nobody declares. */
  readonly globals: readonly { readonly name: string; readonly line: number; readonly path: string; readonly written: boolean }[];
  /** Which top-level names each statement refers to. */
  readonly references: ReadonlyMap<Statement, ReadonlySet<Variable>>;
}

const CALLS = new Set(["CallExpression", "TableCallExpression", "StringCallExpression"]);

const list = (value: unknown): Node[] => (value as Node[] | undefined) ?? [];

/** Reads statements as one Lua chunk. */
export function meaningOf(statements: readonly Statement[]): Meaning {
  const reader = new Reader();
  for (const statement of statements) reader.top(statement);
  return reader;
}

class Reader implements Meaning {
  readonly variables: Variable[] = [];
  readonly scopes: Scope[] = [];
  readonly calls: Call[] = [];
  readonly globals: { name: string; line: number; path: string; written: boolean }[] = [];
  readonly references = new Map<Statement, Set<Variable>>();
  #blocks: Map<string, Variable>[] = [new Map()];
  #scope: Scope;
  #statement: Statement | null = null;
  #depth = 0;

  constructor() {
    this.#scope = { parent: null, line: 1, path: "", upvalues: new Set(), locals: 0, localsMost: 0 };
    this.scopes.push(this.#scope);
  }

  top(statement: Statement): void {
    this.#statement = statement;
    this.references.set(statement, new Set());
    this.#visit(statement.node);
  }

  get #path(): string {
    return this.#statement?.path ?? "";
  }

  #declare(name: string, line: number, arity: number | null = null): void {
    const statement = this.#depth === 0 && this.#scope.parent === null ? this.#statement : null;
    const variable: Variable = { name, line, path: this.#path, statement, owner: this.#scope, arity, reads: 0 };
    this.variables.push(variable);
    this.#blocks.at(-1)?.set(name, variable);
    this.#hold(1);
  }

  #hold(count: number): void {
    this.#scope.locals += count;
    this.#scope.localsMost = Math.max(this.#scope.localsMost, this.#scope.locals);
  }

  #find(name: string): Variable | undefined {
    return this.#blocks.findLast((block) => block.has(name))?.get(name);
  }

  #refer(node: Node, written: boolean): Variable | undefined {
    const name = String(node.name);
    const variable = this.#find(name);
    if (!variable) {
      this.globals.push({ name, line: node.loc.start.line, path: this.#path, written });
      return undefined;
    }
    if (written) variable.arity = null;
    else variable.reads++;
    if (variable.statement && this.#statement) this.references.get(this.#statement)?.add(variable);
    for (let at: Scope | null = this.#scope; at && at !== variable.owner; at = at.parent) at.upvalues.add(variable);
    return variable;
  }

  #block(body: unknown, declare: () => void = () => {}, hidden = 0): void {
    const { locals } = this.#scope;
    this.#blocks.push(new Map());
    this.#depth++;
    this.#hold(hidden);
    declare();
    for (const node of list(body)) this.#visit(node);
    this.#depth--;
    this.#blocks.pop();
    this.#scope.locals = locals;
  }

  #function(node: Node): void {
    const outer = this.#scope;
    this.#scope = { parent: outer, line: node.loc.start.line, path: this.#path, upvalues: new Set(), locals: 0, localsMost: 0 };
    this.scopes.push(this.#scope);
    this.#block(node.body, () => {
      for (const parameter of list(node.parameters))
        if (parameter.type === "Identifier") this.#declare(String(parameter.name), parameter.loc.start.line);
    });
    this.#scope = outer;
  }

  #visit(node: Node): void {
    const own = this.#visitors[node.type];
    if (own) own(node);
    else this.#children(node);
  }

  #children(node: Node): void {
    if (CALLS.has(node.type)) this.#call(node);
    for (const [name, value] of Object.entries(node)) {
      if (name === "loc" || name === "range") continue;
      for (const child of Array.isArray(value) ? value : [value]) if (child && typeof child === "object") this.#visit(child as Node);
    }
  }

  #call(node: Node): void {
    const base = node.base as Node;
    const target = base.type === "Identifier" ? this.#find(String(base.name)) : undefined;
    if (!target || target.arity === null) return;
    const given = list(node.arguments);
    const open = CALLS.has(given.at(-1)?.type ?? "") || given.at(-1)?.type === "VarargLiteral";
    this.calls.push({ target, given: given.length, open, line: node.loc.start.line, path: this.#path });
  }

  readonly #visitors: Readonly<Record<string, (node: Node) => void>> = {
    Identifier: (node) => void this.#refer(node, false),
    MemberExpression: (node) => this.#visit(node.base as Node),
    TableKeyString: (node) => this.#visit(node.value as Node),
    LocalStatement: (node) => {
      for (const value of list(node.init)) this.#visit(value);
      for (const variable of list(node.variables)) this.#declare(String(variable.name), variable.loc.start.line);
    },
    AssignmentStatement: (node) => {
      for (const value of list(node.init)) this.#visit(value);
      for (const target of list(node.variables)) {
        if (target.type === "Identifier") this.#refer(target, true);
        else this.#visit(target);
      }
    },
    FunctionDeclaration: (node) => {
      const name = node.identifier as Node | null;
      const parameters = list(node.parameters);
      const arity = parameters.some(({ type }) => type === "VarargLiteral") ? null : parameters.length;
      if (name && node.isLocal) this.#declare(String(name.name), name.loc.start.line, arity);
      else if (name) this.#visit({ ...node, type: "AssignmentStatement", init: [], variables: [name] } as unknown as Node);
      this.#function(node);
    },
    ForNumericStatement: (node) => {
      for (const bound of [node.start, node.end, node.step]) if (bound) this.#visit(bound as Node);
      const variable = node.variable as Node;
      this.#block(node.body, () => this.#declare(String(variable.name), variable.loc.start.line), 3);
    },
    ForGenericStatement: (node) => {
      for (const iterator of list(node.iterators)) this.#visit(iterator);
      const declare = () => {
        for (const variable of list(node.variables)) this.#declare(String(variable.name), variable.loc.start.line);
      };
      this.#block(node.body, declare, 3);
    },
    IfStatement: (node) => {
      for (const clause of list(node.clauses)) {
        if (clause.condition) this.#visit(clause.condition as Node);
        this.#block(clause.body);
      }
    },
    WhileStatement: (node) => {
      this.#visit(node.condition as Node);
      this.#block(node.body);
    },
    DoStatement: (node) => this.#block(node.body),
    RepeatStatement: (node) => this.#block([...list(node.body), node.condition as Node]),
  };
}
