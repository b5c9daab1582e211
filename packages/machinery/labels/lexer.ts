/** Tokens of the label selector grammar. */
export type Token =
  | 'identifier'
  | '('
  | ')'
  | ','
  | '!'
  | '=='
  | '='
  | '>'
  | '<'
  | '!='
  | 'in'
  | 'notin'
  | 'end'
  | 'error';

/** A token and the text it was read from. */
export interface Scanned {
  readonly token: Token;
  readonly literal: string;
}

const symbols: ReadonlySet<string> = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '(']);
const special = '=!(),><';
const whitespace = ' \t\r\n';

/** Reads as the end of the text where a token begins, and ends a word. */
const nul = '\0';

/** Splits a label selector into tokens; the last one is `end`. */
export function scanSelector(text: string): Scanned[] {
  const out: Scanned[] = [];
  let at = 0;
  while (at < text.length) {
    const ch = text[at] as string;
    if (ch === nul) break;
    if (whitespace.includes(ch)) {
      at++;
    } else if (special.includes(ch)) {
      const scanned = scanSymbol(text, at);
      out.push(scanned.item);
      at = scanned.next;
    } else {
      let end = at;
      while (
        end < text.length &&
        text[end] !== nul &&
        !whitespace.includes(text[end] as string) &&
        !special.includes(text[end] as string)
      ) {
        end++;
      }
      const literal = text.slice(at, end);
      out.push({ token: literal === 'in' || literal === 'notin' ? literal : 'identifier', literal });
      at = text[end] === nul ? end + 1 : end;
    }
  }
  out.push({ token: 'end', literal: '' });
  return out;
}

/** Takes the longest run of special characters that is a symbol. */
function scanSymbol(text: string, start: number): { item: Scanned; next: number } {
  let found: Scanned | undefined;
  let at = start;
  while (at < text.length && special.includes(text[at] as string)) {
    const literal = text.slice(start, at + 1);
    if (symbols.has(literal)) found = { token: literal as Token, literal };
    else if (found) break;
    at++;
  }
  if (found) return { item: found, next: at };
  return {
    item: { token: 'error', literal: `error expected: keyword found '${text.slice(start, at)}'` },
    next: at,
  };
}
