import {
  type FieldRequirement,
  FieldSelector,
  goQuote,
  newRequirement,
  parseFieldSelector,
  parseLabelSelector,
  type Requirement,
  Selector,
  type SelectorOperator,
  SelectorParseError,
} from '@coxswain/machinery';

/** A selector that a review asks about. */
export interface ReviewedSelector {
  /** What of it could be read, as query text; absent: nothing, which asks for more. */
  readonly text?: string;
  /** What is said of the rest; absent when all of it was read. */
  readonly fault?: string;
}

type SelectorSpec = Readonly<Record<string, any>> | undefined;

/** Reads `fieldSelector` of a review's resource attributes. */
export function reviewedFieldSelector(spec: SelectorSpec): ReviewedSelector {
  return read(spec, 'fieldSelector', (text) => parseFieldSelector(text).toString(), fieldText);
}

/** Reads `labelSelector` of a review's resource attributes. */
export function reviewedLabelSelector(spec: SelectorSpec): ReviewedSelector {
  return read(spec, 'labelSelector', (text) => parseLabelSelector(text).toString(), labelText);
}

function read(
  spec: SelectorSpec,
  member: string,
  parse: (text: string) => string,
  textOf: (requirement: Readonly<Record<string, any>>) => string,
): ReviewedSelector {
  const raw: string = spec?.['rawSelector'] ?? '';
  const terms: string[] = [];
  let failed = false;
  const take = (make: () => string): void => {
    try {
      terms.push(make());
    } catch (error) {
      if (!(error instanceof SelectorParseError)) throw error;
      failed = true;
    }
  };
  if (raw !== '') take(() => parse(raw));
  for (const requirement of spec?.['requirements'] ?? []) take(() => textOf(requirement));
  const some = terms.length === 0 ? 'ignored' : 'partially ignored';
  return {
    ...(terms.length === 0 ? {} : { text: terms.join(',') }),
    ...(failed ? { fault: `spec.resourceAttributes.${member} ${some} due to parse error` } : {}),
  };
}

const fieldOperators: Readonly<Record<string, FieldRequirement['operator']>> = { In: '=', NotIn: '!=' };

function fieldText({ key, operator, values = [] }: Readonly<Record<string, any>>): string {
  const known = fieldOperators[operator];
  if (known === undefined || values.length !== 1) {
    throw new SelectorParseError(
      `a field selector cannot say ${goQuote(operator)} of ${values.length} values`,
    );
  }
  return new FieldSelector([{ field: key, operator: known, value: values[0] }]).toString();
}

const labelOperators: Readonly<Record<string, SelectorOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

function labelText({ key, operator, values = [] }: Readonly<Record<string, any>>): string {
  const known = labelOperators[operator];
  if (known === undefined) {
    throw new SelectorParseError(`${goQuote(operator)} is not a valid label selector operator`);
  }
  const requirement: Requirement = newRequirement(key, known, values);
  return new Selector([requirement]).toString();
}
