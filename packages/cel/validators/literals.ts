import type { Checked } from '../checker.ts';
import { CelRuntimeError, type Issue } from '../issue.ts';
import { compileRegex } from '../library/regex.ts';
import { checkedTimestamp, parseDuration, parseTimestamp } from '../library/time-text.ts';
import type { Expr } from '../syntax/syntax-tree.ts';

/** What reads a text that is written in an expression, by the function that it is given to. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  duration: parseDuration,
  timestamp: parseTimestamp,
  matches: compileRegex,
};

/** Texts in an expression that are no durations, times or patterns though they are used as such. */
export function checkLiterals(checked: Checked): Issue[] {
  const issues: Issue[] = [];
  for (const [, { name, args }] of checked.calls) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    // The pattern comes last, whether the text is a receiver or not.
    const argument: Expr | undefined = args.at(-1);
    if (read === undefined || argument?.op !== 'literal') continue;
    try {
      if (typeof argument.value === 'string') read(argument.value);
      else if (typeof argument.value === 'bigint') checkedTimestamp(argument.value * 1_000_000_000n);
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      issues.push({ at: argument.at, message: `invalid ${name} argument` });
    }
  }
  return issues.sort((a, b) => a.at - b.at);
}
