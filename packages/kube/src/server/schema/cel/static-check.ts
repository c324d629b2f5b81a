import type { StructuralSchema } from '../structural-schema.ts';
import { escapeFieldName } from './cel-value.ts';
import type { Expr } from './expression.ts';
import { libraryNames } from './library.ts';

/** What an expression is checked against: its variables and their schemas; undefined for values of any shape. */
export type Variables = ReadonlyMap<string, StructuralSchema | undefined>;

/** What a look at an expression tells without evaluating it. */
export interface StaticFindings {
  readonly errors: readonly string[];
  /** Names of the variables that it uses. */
  readonly used: ReadonlySet<string>;
}

/** Looks for names that nothing has: variables, functions, and fields of values whose schema knows all of them. */
export function checkStatically(expr: Expr, variables: Variables): StaticFindings {
  const walk: Walk = { errors: [], used: new Set() };
  typeOf(walk, expr, variables);
  return walk;
}

interface Walk {
  readonly errors: string[];
  readonly used: Set<string>;
}

const standardNames = new Set(
  (
    'size type bool bytes double duration dyn int string timestamp uint contains endsWith startsWith matches ' +
    'getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds ' +
    'charAt indexOf lastIndexOf lowerAscii upperAscii replace split substring trim join quote format reverse'
  ).split(' '),
);
const typeNames = new Set('bool bytes double int uint string list map null_type type'.split(' '));

function typeOf(walk: Walk, expr: Expr, variables: Variables): StructuralSchema | undefined {
  const kind = expr.exprKind;
  switch (kind.case) {
    case 'identExpr':
      return typeOfName(walk, kind.value.name, variables);
    case 'selectExpr':
      return kind.value.operand
        ? typeOfField(walk, kind.value.operand, kind.value.field, variables)
        : undefined;
    case 'callExpr':
      return typeOfCall(walk, kind.value, variables);
    case 'listExpr':
      for (const element of kind.value.elements) typeOf(walk, element, variables);
      return undefined;
    case 'structExpr':
      for (const entry of kind.value.entries) {
        if (entry.keyKind.case === 'mapKey') typeOf(walk, entry.keyKind.value, variables);
        if (entry.value) typeOf(walk, entry.value, variables);
      }
      return undefined;
    case 'comprehensionExpr':
      return typeOfLoop(walk, kind.value, variables);
    case 'constExpr':
    case undefined:
      return undefined;
  }
}

function typeOfName(walk: Walk, name: string, variables: Variables): StructuralSchema | undefined {
  if (variables.has(name)) {
    walk.used.add(name);
    return variables.get(name);
  }
  if (!typeNames.has(name)) walk.errors.push(`undeclared reference to '${name}' (in container '')`);
  return undefined;
}

function typeOfField(
  walk: Walk,
  operand: Expr,
  field: string,
  variables: Variables,
): StructuralSchema | undefined {
  const schema = typeOf(walk, operand, variables);
  if (!schema) return undefined;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (escapeFieldName(name) === field) return property;
  }
  const { additionalProperties } = schema;
  if (additionalProperties !== undefined)
    return additionalProperties === true ? undefined : additionalProperties;
  const knowsAll =
    schema.type === 'object' && schema.properties !== undefined && schema.preserveUnknownFields !== true;
  if (knowsAll || isScalar(schema)) walk.errors.push(`undefined field '${field}'`);
  return undefined;
}

type Call = Extract<Expr['exprKind'], { case: 'callExpr' }>['value'];
type Loop = Extract<Expr['exprKind'], { case: 'comprehensionExpr' }>['value'];

function typeOfCall(walk: Walk, call: Call, variables: Variables): StructuralSchema | undefined {
  const name = call.function;
  const isOperator = /[^A-Za-z0-9]/.test(name);
  if (!isOperator && !standardNames.has(name) && !libraryNames.has(name)) {
    walk.errors.push(`undeclared reference to '${name}' (in container '')`);
  }
  if (call.target) typeOf(walk, call.target, variables);
  const [first] = call.args.map((arg) => typeOf(walk, arg, variables));
  if (name !== '_[_]' || !first) return undefined;
  if (first.items) return first.items;
  return first.additionalProperties === true ? undefined : first.additionalProperties;
}

function typeOfLoop(walk: Walk, loop: Loop, variables: Variables): StructuralSchema | undefined {
  const range = loop.iterRange && typeOf(walk, loop.iterRange, variables);
  if (loop.accuInit) typeOf(walk, loop.accuInit, variables);
  const inner = new Map(variables);
  inner.set(loop.accuVar, undefined);
  inner.set(loop.iterVar, range?.items);
  if (loop.iterVar2 !== '') inner.set(loop.iterVar2, undefined);
  for (const part of [loop.loopCondition, loop.loopStep, loop.result]) if (part) typeOf(walk, part, inner);
  return undefined;
}

function isScalar(schema: StructuralSchema): boolean {
  return schema.type !== undefined && schema.type !== 'object' && schema.type !== 'array';
}
