/** A text that go-yaml would not take; the message is go-yaml's. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError';
  readonly code = 'ERR_YAML_SYNTAX';
}

/** A place in a text, counted from zero. */
export interface Mark {
  /** Characters before it. */
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/**
 * What go-yaml's scanner says of a place: it counts that line from one, but not the one where the construct began,
 * and says nothing of the first.
 */
export function scannerError(problem: string, at: Mark, context?: Mark): YamlSyntaxError {
  return located(problem, at.line === 0 ? (context?.line ?? 0) : at.line + 1);
}

/** What go-yaml's parser says of a place, whose lines it counts from zero. */
export function parserError(problem: string, at: Mark, context?: Mark): YamlSyntaxError {
  return located(problem, at.line === 0 ? (context?.line ?? 0) : at.line);
}

function located(problem: string, line: number): YamlSyntaxError {
  return new YamlSyntaxError(`yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`);
}
