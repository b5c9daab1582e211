import type { Checked } from '../checker.ts';
import type { Issue } from '../issue.ts';
import type { Expr } from '../syntax/syntax-tree.ts';
import { checkAggregates } from './aggregates.ts';
import { checkFormats } from './formats.ts';
import { checkLiterals } from './literals.ts';

/** What is wrong with an expression though all its types fit. */
export function validate(tree: Expr, checked: Checked): readonly Issue[] {
  return [...checkAggregates(tree, checked), ...checkFormats(checked), ...checkLiterals(checked)];
}
