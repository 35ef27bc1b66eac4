// Owns the evaluation of `${{ … }}` and `if:` in the shipped workflows, by GitHub's own expression engine.
import { data, Evaluator, Lexer, Parser } from '@actions/expressions';
import type { Expr } from '@actions/expressions/ast';
import type { FunctionDefinition, FunctionInfo } from '@actions/expressions/funcs/info';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type Contexts = Readonly<Record<string, Json>>;

/** How the jobs named in `needs` ended: what `success()`, `failure()` and `cancelled()` answer from. */
export interface Status {
  readonly failed: boolean;
  readonly cancelled: boolean;
}

const STATUS_FUNCTIONS: readonly FunctionInfo[] = ['success', 'failure', 'cancelled', 'always'].map((name) => ({
  name,
  minArgs: 0,
  maxArgs: 0,
}));

/** A job's `if`: without a status function GitHub puts `success() &&` before it. */
export function evaluateIf(condition: string | null, contexts: Contexts, status: Status): boolean {
  const text = unwrapped(condition ?? 'success()');
  const whole = /\b(?:success|failure|cancelled|always)\s*\(/.test(text) ? text : `success() && (${text})`;
  return isTruthy(evaluate(whole, contexts, status));
}

/** Text with `${{ … }}` in it; a text that is one expression keeps the expression's type. */
export function evaluateText(text: string, contexts: Contexts): Json {
  const single = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(text);
  if (single !== null) return evaluate(single[1] ?? '', contexts);
  return text.replaceAll(/\$\{\{((?:(?!\}\}).)*)\}\}/gs, (_, inner: string) => textOf(evaluate(inner, contexts)));
}

export function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function unwrapped(text: string): string {
  return /^\s*\$\{\{(.*)\}\}\s*$/s.exec(text)?.[1] ?? text;
}

function evaluate(expression: string, contexts: Contexts, status: Status = { failed: false, cancelled: false }): Json {
  const { tokens } = new Lexer(expression).lex();
  const tree: Expr = new Parser(tokens, Object.keys(contexts), [...STATUS_FUNCTIONS]).parse();
  const pairs = Object.entries(contexts).map(([key, value]) => ({ key, value: toData(value) }));
  return fromData(new Evaluator(tree, new data.Dictionary(...pairs), statusFunctions(status)).evaluate());
}

function statusFunctions({ failed, cancelled }: Status): Map<string, FunctionDefinition> {
  const answers: Readonly<Record<string, boolean>> = {
    success: !failed && !cancelled,
    failure: failed && !cancelled,
    cancelled,
    always: true,
  };
  return new Map(
    STATUS_FUNCTIONS.map((info) => [
      info.name,
      { ...info, call: () => new data.BooleanData(answers[info.name] ?? false) },
    ]),
  );
}

function isTruthy(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== '';
}

function toData(value: Json): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (isList(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, inner]) => ({ key, value: toData(inner) })));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function fromData(value: data.ExpressionData): Json {
  const plain: unknown = JSON.parse(JSON.stringify(value, data.replacer));
  return plain as Json;
}

/** Each value with its expressions worked out. */
export function evaluated(
  values: Readonly<Record<string, string | number | boolean>>,
  contexts: Contexts,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, evaluateText(String(value), contexts)]),
  );
}

export function texts(
  values: Readonly<Record<string, string | number | boolean>>,
  contexts: Contexts,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(evaluated(values, contexts)).map(([name, value]) => [name, textOf(value)]));
}
