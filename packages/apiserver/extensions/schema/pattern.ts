import { compileRegex, regexFault } from '@coxswain/cel';

/** Go's regular expressions read as JavaScript's. @throws CelRuntimeError for a pattern that is none */
export const compilePattern = compileRegex;

/** What Go says of a pattern that is none; undefined of all others. */
export const patternFault = regexFault;
