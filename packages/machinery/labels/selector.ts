import { goQuote } from '../field-error.ts';
import { parseRequirements } from './parse.ts';
import {
  newRequirement,
  type Requirement,
  requirementMatches,
  requirementText,
  SelectorParseError,
} from './requirement.ts';

type Labels = Readonly<Record<string, string>> | undefined;

/** metav1.LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A compiled label selector; immutable. */
export class Selector {
  /** Sorted by key where they come from text. */
  readonly requirements: readonly Requirement[];
  readonly #never: boolean;

  constructor(requirements: readonly Requirement[], never = false) {
    this.requirements = requirements;
    this.#never = never;
  }

  /** Whether it selects everything. */
  get empty(): boolean {
    return this.requirements.length === 0 && !this.#never;
  }

  matches(labels: Labels): boolean {
    if (this.#never) return false;
    for (const requirement of this.requirements) {
      if (!requirementMatches(requirement, labels)) return false;
    }
    return true;
  }

  /** The text that `parseLabelSelector` reads back. */
  toString(): string {
    return this.requirements.map(requirementText).join(',');
  }
}

/** Selects everything. */
const everythingSelector = new Selector([]);
/** Selects nothing. */
export const nothingSelector = new Selector([], true);

/** Reads a label selector as upstream's `labels.Parse`; throws `SelectorParseError` with its text. */
export function parseLabelSelector(text: string): Selector {
  return text === '' ? everythingSelector : new Selector(parseRequirements(text));
}

/** Selects labels that hold all of `set`; values are not validated. */
export function selectorFromSet(set: Labels): Selector {
  const keys = Object.keys(set ?? {}).sort();
  if (keys.length === 0) return everythingSelector;
  return new Selector(
    keys.map((key) => ({ key, operator: '=', values: [(set as Record<string, string>)[key] as string] })),
  );
}

const expressionOperators = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' } as const;

/** Compiles a metav1.LabelSelector: absent selects nothing, empty selects everything. */
export function selectorFromLabelSelector(selector: LabelSelector | undefined | null): Selector {
  if (!selector) return nothingSelector;
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) =>
    newRequirement(key, '=', [value]),
  );
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    if (!Object.hasOwn(expressionOperators, operator)) {
      throw new SelectorParseError(`${goQuote(operator)} is not a valid label selector operator`);
    }
    const name = expressionOperators[operator as keyof typeof expressionOperators];
    requirements.push(newRequirement(key, name, values ?? []));
  }
  if (requirements.length === 0) return everythingSelector;
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return new Selector(requirements);
}
