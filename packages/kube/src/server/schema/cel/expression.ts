import {
  celEnv,
  celFunc,
  CelScalar,
  isCelError,
  parse,
  plan,
  type CelInput,
  type CelValue,
} from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import { fail, ok, type Result } from '../result.ts';
import { library } from './library.ts';

/** The syntax tree of an expression. */
export type Expr = ReturnType<typeof parse>['expr'];

/** How many steps of loops evaluations may still make; shared by all rules of one object. */
export interface Budget {
  steps: number;
}

/** Steps of loops for the rules of one object: about a tenth of a second. */
export const stepsOfObject = 25_000;

/** What an evaluation gave: a value, an error of the expression on these values, or nothing for want of budget. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: CelValue }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'exhausted' };

/** A compiled expression. */
export interface Expression {
  readonly source: string;
  readonly expr: Expr;
  /** Evaluates with values for the variables. Never throws, and takes from the budget. */
  readonly evaluate: (variables: Readonly<Record<string, CelInput>>, budget: Budget) => Outcome;
}

/**
 * Compiles a CEL expression. Every pass of every loop is counted, so that nobody's expression can hold up the server;
 * regular expressions are RE2. The error is the parser's text.
 */
export function compileExpression(source: string): Result<Expression, string> {
  if (source.length > maxSourceLength) return fail(`expression is longer than ${maxSourceLength} characters`);
  try {
    const { expr } = parse(source);
    countSteps(expr);
    const run = plan(environment, expr);
    return ok({ source, expr, evaluate: (variables, budget) => evaluate(run, variables, budget) });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const maxSourceLength = 16_384;
const stepFunction = '@step';

/** The budget of the evaluation that is under way: evaluations never overlap. */
let current: Budget = { steps: 0 };

const environment = celEnv({
  funcs: [
    ...strings,
    ...library,
    celFunc(stepFunction, [CelScalar.DYN], CelScalar.DYN, (value) => {
      if (--current.steps < 0) throw new Error('out of budget');
      return value;
    }),
  ],
});

function evaluate(
  run: (variables: Record<string, CelInput>) => unknown,
  variables: Readonly<Record<string, CelInput>>,
  budget: Budget,
): Outcome {
  budget.steps--;
  current = budget;
  let result: unknown;
  // CEL keeps errors as values; their stacks would cost more than everything else.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    result = budget.steps < 0 ? undefined : run({ ...variables });
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  // Errors can be absorbed by || and &&, so the budget is what tells.
  if (budget.steps < 0) return { kind: 'exhausted' };
  if (isCelError(result)) return { kind: 'error', message: result.message };
  return { kind: 'value', value: result as CelValue };
}

/** Wraps the condition of each loop into a call that counts the pass. Changes the tree. */
function countSteps(expr: Expr): void {
  const kind = expr.exprKind;
  switch (kind.case) {
    case 'comprehensionExpr': {
      const { value } = kind;
      for (const part of [
        value.iterRange,
        value.accuInit,
        value.loopCondition,
        value.loopStep,
        value.result,
      ]) {
        if (part) countSteps(part);
      }
      if (value.loopCondition) value.loopCondition = callOfStep(value.loopCondition);
      break;
    }
    case 'callExpr':
      if (kind.value.target) countSteps(kind.value.target);
      for (const arg of kind.value.args) countSteps(arg);
      break;
    case 'selectExpr':
      if (kind.value.operand) countSteps(kind.value.operand);
      break;
    case 'listExpr':
      for (const element of kind.value.elements) countSteps(element);
      break;
    case 'structExpr':
      for (const entry of kind.value.entries) {
        if (entry.keyKind.case === 'mapKey') countSteps(entry.keyKind.value);
        if (entry.value) countSteps(entry.value);
      }
      break;
    case 'constExpr':
    case 'identExpr':
    case undefined:
      break;
  }
}

function callOfStep(condition: Expr): Expr {
  const { expr } = parse('f(true)');
  if (expr.exprKind.case !== 'callExpr') throw new Error('a call must parse as one');
  expr.exprKind.value.function = stepFunction;
  expr.exprKind.value.args = [condition];
  return expr;
}
