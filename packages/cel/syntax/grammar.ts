import type { TokenType } from './lexer.ts';
import { type Follow, follow } from './token-reader.ts';

/** Operators, by how tightly they bind. */
export const relations: ReadonlySet<TokenType> = new Set<TokenType>([
  "'<'",
  "'<='",
  "'>'",
  "'>='",
  "'=='",
  "'!='",
  "'in'",
]);
export const sums: readonly TokenType[] = ["'+'", "'-'"];
export const products: readonly TokenType[] = ["'*'", "'/'", "'%'"];

const literals: readonly TokenType[] = [
  "'true'",
  "'false'",
  "'null'",
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
];
const primary = new Set<TokenType>(["'['", "'{'", "'('", "'.'", "'-'", ...literals, 'IDENTIFIER']);
const operand = new Set<TokenType>([...primary, "'!'"]);
/** An entry of a list or map. */
const entry = new Set<TokenType>([...operand, "'?'"]);
const name = new Set<TokenType>(['IDENTIFIER', 'ESC_IDENTIFIER']);
const optionalName = new Set<TokenType>(["'?'", ...name]);

/** What may begin the parts of the grammar. */
export const first = {
  primary,
  operand,
  entry,
  name,
  optionalName,
  arguments: new Set<TokenType>([...operand, "')'"]),
  list: new Set<TokenType>([...entry, "','", "']'"]),
  map: new Set<TokenType>([...entry, "','", "'}'"]),
  fields: new Set<TokenType>(["'}'", "','", ...optionalName]),
} satisfies Readonly<Record<string, ReadonlySet<TokenType>>>;

/** What may come behind the last entry. */
export const last = {
  list: new Set<TokenType>(["','", "']'"]),
  map: new Set<TokenType>(["','", "'}'"]),
} satisfies Readonly<Record<string, ReadonlySet<TokenType>>>;

/** What may come after the parts, by where they stand. */
export const after = {
  source: follow(['<EOF>'], false),
  condition: follow(["'?'"], true),
  choice: follow(["':'"], false),
  or: follow(["'||'"], true),
  and: follow(["'&&'"], true),
  relation: follow([...relations], true),
  calculation: follow([...products, ...sums], true),
  primary: follow(["'.'", "'['"], true),
  argument: follow(["','", "')'"], false),
  nested: follow(["')'"], false),
  index: follow(["']'"], false),
  item: follow(["','", "']'"], false),
  key: follow(["':'"], false),
  entry: follow(["','", "'}'"], false),
  operand: { types: first.operand, end: false },
  rule: follow([], true),
} satisfies Readonly<Record<string, Follow>>;
