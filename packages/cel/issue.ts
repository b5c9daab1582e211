/** A fault of a source at one place. */
export interface Issue {
  /** Offset in UTF-16 units. */
  readonly at: number;
  readonly message: string;
}

/** A source that cannot be parsed or that does not fit its types; the message is cel-go's. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';
  readonly code = 'ERR_CEL_COMPILE';
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    super(issues.map((issue) => describe(source, issue)).join('\n'));
    this.issues = issues;
  }
}

/** An expression that failed while it was evaluated; the message is cel-go's. */
export class CelRuntimeError extends Error {
  override readonly name = 'CelRuntimeError';
  readonly code: string = 'ERR_CEL_RUNTIME';
}

/** More work than was allowed. */
export class CelCostError extends CelRuntimeError {
  override readonly code: string = 'ERR_CEL_COST';
}

function describe(source: string, { at, message }: Issue): string {
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = source.indexOf('\n', at);
  const text = source.slice(start, end < 0 ? undefined : end);
  const column = [...source.slice(start, at)].length;
  return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text}\n | ${'.'.repeat(column)}^`;
}
