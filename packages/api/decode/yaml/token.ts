import type { Mark } from './yaml-syntax-error.ts';

const nothing = {};

export interface Token {
  readonly kind:
    | 'alias'
    | 'anchor'
    | 'block-end'
    | 'block-entry'
    | 'block-mapping-start'
    | 'block-sequence-start'
    | 'document-end'
    | 'document-start'
    | 'flow-entry'
    | 'flow-mapping-end'
    | 'flow-mapping-start'
    | 'flow-sequence-end'
    | 'flow-sequence-start'
    | 'key'
    | 'scalar'
    | 'stream-end'
    | 'tag'
    | 'tag-directive'
    | 'value'
    | 'version-directive';
  readonly start: Mark;
  readonly end: Mark;
  /** An anchor's or alias' name, a scalar's text, the version, the handle of a tag. */
  readonly value: string;
  /** What follows a tag's handle, or what the handle of a directive stands for. */
  readonly suffix: string;
  /** A scalar without quotes. */
  readonly plain: boolean;
}

export function token(
  kind: Token['kind'],
  start: Mark,
  end: Mark = start,
  { value = '', suffix = '', plain = false }: Partial<Pick<Token, 'value' | 'suffix' | 'plain'>> = nothing,
): Token {
  return { kind, start, end, value, suffix, plain };
}
