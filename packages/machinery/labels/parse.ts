import { type FieldError, FieldPath } from '../field-error.ts';
import { aggregate } from '../status-error.ts';
import { type Scanned, scanSelector, type Token } from './lexer.ts';
import {
  checkLabelKey,
  newRequirement,
  type Requirement,
  type SelectorOperator,
  SelectorParseError,
} from './requirement.ts';

const binaryOperators = 'in, notin, =, ==, !=, gt, lt';

/** Reads the grammar of upstream's `labels.Parse`; requirements come sorted by key. */
export function parseRequirements(text: string): Requirement[] {
  const requirements = new Parser(text).parse();
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

class Parser {
  readonly #items: readonly Scanned[];
  #at = 0;

  constructor(text: string) {
    this.#items = scanSelector(text);
  }

  parse(): Requirement[] {
    const out: Requirement[] = [];
    for (;;) {
      const next = this.#lookahead();
      if (next.token === 'end') return out;
      if (next.token !== 'identifier' && next.token !== '!') {
        throw new SelectorParseError(`found '${next.literal}', expected: !, identifier, or 'end of string'`);
      }
      out.push(this.#requirementInContext());
      const after = this.#consume();
      if (after.token === 'end') return out;
      if (after.token !== ',') {
        throw new SelectorParseError(`found '${after.literal}', expected: ',' or 'end of string'`);
      }
      const following = this.#lookahead();
      if (following.token !== 'identifier' && following.token !== '!') {
        throw new SelectorParseError(`found '${following.literal}', expected: identifier after ','`);
      }
    }
  }

  #requirementInContext(): Requirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (!(error instanceof SelectorParseError)) throw error;
      throw new SelectorParseError(`unable to parse requirement: ${error.message}`, { cause: error });
    }
  }

  #requirement(): Requirement {
    let token = this.#consume();
    let absent = false;
    if (token.token === '!') {
      absent = true;
      token = this.#consume();
    }
    if (token.token !== 'identifier') {
      throw new SelectorParseError(`found '${token.literal}', expected: identifier`);
    }
    const key = token.literal;
    const errors: FieldError[] = [];
    checkLabelKey(key, FieldPath.root(), errors);
    if (errors.length > 0) throw new SelectorParseError(aggregate(errors));
    const next = this.#lookahead();
    if (absent) return newRequirement(key, '!', []);
    if (next.token === 'end' || next.token === ',') return newRequirement(key, 'exists', []);
    const operator = this.#operator();
    const values = operator === 'in' || operator === 'notin' ? this.#values() : this.#exactValue();
    return newRequirement(key, operator, values);
  }

  #operator(): SelectorOperator {
    // Here, and only here, `in` and `notin` are keywords.
    const { token, literal } = this.#items[this.#at++] ?? end;
    switch (token) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
        return token;
      case '>':
        return 'gt';
      case '<':
        return 'lt';
      default:
        throw new SelectorParseError(
          literal === ''
            ? `expected: ${binaryOperators}`
            : `found '${literal}', expected: ${binaryOperators}`,
        );
    }
  }

  #values(): string[] {
    const open = this.#consume();
    if (open.token !== '(') throw new SelectorParseError(`found '${open.literal}' expected: '('`);
    const next = this.#lookahead();
    if (next.token === ')') {
      this.#consume();
      return [''];
    }
    if (next.token !== 'identifier' && next.token !== ',') {
      throw new SelectorParseError(`found '${next.literal}', expected: ',', ')' or identifier`);
    }
    const values = this.#identifiers();
    if (this.#consume().token !== ')') throw new SelectorParseError(`found '${next.literal}', expected: ')'`);
    return values;
  }

  #identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const item = this.#consume();
      if (item.token === 'identifier') {
        values.push(item.literal);
        const next = this.#lookahead();
        if (next.token === ')') return values;
        if (next.token !== ',') throw new SelectorParseError(`found '${next.literal}', expected: ',' or ')'`);
      } else if (item.token === ',') {
        if (values.length === 0) values.push('');
        const next = this.#lookahead();
        if (next.token === ')') {
          values.push('');
          return values;
        }
        if (next.token === ',') {
          this.#consume();
          values.push('');
        }
      } else {
        throw new SelectorParseError(`found '${item.literal}', expected: ',', or identifier`);
      }
    }
  }

  #exactValue(): string[] {
    const next = this.#lookahead();
    if (next.token === 'end' || next.token === ',') return [''];
    const item = this.#consume();
    if (item.token === 'identifier') return [item.literal];
    throw new SelectorParseError(`found '${item.literal}', expected: identifier`);
  }

  #lookahead(): Scanned {
    return asValue(this.#items[this.#at] ?? end);
  }

  #consume(): Scanned {
    return asValue(this.#items[this.#at++] ?? end);
  }
}

const end: Scanned = { token: 'end', literal: '' };

/** Outside the operator's place `in` and `notin` are ordinary identifiers. */
function asValue(item: Scanned): Scanned {
  const token: Token = item.token;
  return token === 'in' || token === 'notin' ? { token: 'identifier', literal: item.literal } : item;
}
