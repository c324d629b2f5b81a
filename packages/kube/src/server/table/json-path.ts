/** One step of a compiled path. */
type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | {
      readonly kind: 'filter';
      readonly path: readonly Step[];
      readonly operator: string;
      readonly value: unknown;
    };

const compiled = new Map<string, readonly Step[] | undefined>();
const MAX_COMPILED = 1000;
const MAX_PATH_LENGTH = 1000;

/**
 * Evaluates the JSONPath of a printer column: fields (`.a.b`, `['a.b']`), indexes (`[0]`, `[-1]`), `[*]` and
 * filters (`[?(@.type=="Ready")]`). Gives the values found, none where the path leads nowhere or is not understood.
 */
export function evaluateJsonPath(path: string, root: unknown): unknown[] {
  const steps = compile(path);
  return steps ? walk(steps, [root]) : [];
}

/** Whether a path is of the form that {@link evaluateJsonPath} understands. */
export function isJsonPath(path: string): boolean {
  return compile(path) !== undefined;
}

function compile(path: string): readonly Step[] | undefined {
  if (compiled.has(path)) return compiled.get(path);
  const steps = parse(path);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(path, steps);
  return steps;
}

const STEP =
  /\.([A-Za-z_$][\w$\-/]*)|\[(-?\d+)\]|(\[\*\]|\.\*)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[\?\(@([^=!<>)]+?)\s*(==|!=)\s*("[^"]*"|'[^']*'|[\w.+-]+)\s*\)\]/y;

function parse(path: string): Step[] | undefined {
  if (path.length > MAX_PATH_LENGTH) return undefined;
  const text = path.replace(/^\{(.*)\}$/, '$1').replace(/^\$/, '');
  const steps: Step[] = [];
  // Its own position: filters hold paths in turn.
  const pattern = new RegExp(STEP);
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match) return undefined;
    const step = toStep(match);
    if (!step) return undefined;
    steps.push(step);
  }
  return steps;
}

function toStep([, field, index, all, single, double, filterPath, operator, literal]: RegExpExecArray):
  | Step
  | undefined {
  if (field !== undefined) return { kind: 'field', name: field };
  if (index !== undefined) return { kind: 'index', index: Number(index) };
  if (all !== undefined) return { kind: 'all' };
  const quoted = single ?? double;
  if (quoted !== undefined) return { kind: 'field', name: quoted.replace(/\\(.)/g, '$1') };
  const inner = parse(filterPath!.trim());
  return inner && { kind: 'filter', path: inner, operator: operator!, value: literalOf(literal!) };
}

function literalOf(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function walk(steps: readonly Step[], start: readonly unknown[]): unknown[] {
  let values: unknown[] = [...start];
  for (const step of steps) values = values.flatMap((value) => take(step, value));
  return values;
}

function take(step: Step, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  switch (step.kind) {
    case 'field': {
      const found = Object.hasOwn(value, step.name)
        ? (value as Record<string, unknown>)[step.name]
        : undefined;
      return found === undefined ? [] : [found];
    }
    case 'index': {
      const found = Array.isArray(value) ? value.at(step.index) : undefined;
      return found === undefined ? [] : [found];
    }
    case 'all':
      return Object.values(value);
    case 'filter':
      return (Array.isArray(value) ? value : []).filter((item) => {
        const equal = walk(step.path, [item]).some((found) => found === step.value);
        return step.operator === '==' ? equal : !equal;
      });
  }
}
