/** A fault of a source at one place. */
export interface Issue {
  /** Offset in UTF-16 units; -1 for a fault of the whole. */
  readonly at: number;
  readonly message: string;
}

/** How many faults are told of. */
const mostIssues = 100;

/** A source that cannot be parsed or that does not fit its types; the message is cel-go's. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';
  readonly code = 'ERR_CEL_COMPILE';
  readonly issues: readonly Issue[];

  constructor(source: string, issues: readonly Issue[]) {
    const sorted = [...issues].sort((a, b) => a.at - b.at);
    const lines = sorted.slice(0, mostIssues).map((issue) => describe(source, issue));
    if (sorted.length > mostIssues) lines.push(`${sorted.length - mostIssues} more errors were truncated`);
    super(lines.join('\n'));
    this.issues = sorted;
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

/** The longest line that is shown, in bytes. */
const longestLine = 16 * 1024;

function describe(source: string, { at, message }: Issue): string {
  if (at < 0) return `ERROR: <input>:-1:0: ${message}`;
  const before = source.slice(0, at);
  const line = before.split('\n').length;
  const start = before.lastIndexOf('\n') + 1;
  const end = source.indexOf('\n', at);
  const text = source.slice(start, end < 0 ? undefined : end);
  const ahead = [...source.slice(start, at)];
  const head = `ERROR: <input>:${line}:${ahead.length + 1}: ${message}`;
  if (Buffer.byteLength(text) > longestLine) return head;
  const dots = ahead.map((char) => (isWide(char) ? '\uff0e' : '.')).join('');
  const mark = isWide(source.slice(at)) ? '\uff3e' : '^';
  return `${head}\n | ${text.replaceAll('\t', ' ')}\n | ${dots}${mark}`;
}

/** Whether the first character takes more than a byte, and so is drawn wide. */
function isWide(text: string): boolean {
  return (text.codePointAt(0) ?? 0) > 0x7f;
}
