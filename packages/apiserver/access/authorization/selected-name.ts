import { type FieldSelector, parseFieldSelector, SelectorParseError } from '@coxswain/machinery';

/** What stands for other parts of a path is no name. */
const noName = /^\.{1,2}$|[/%]/;

/**
 * The name that a field selector holds a request to, `''` for none: watching one object by its name is
 * authorized as that object.
 */
export function selectedName(fieldSelector: string | undefined): string {
  const selected = selectedValue(fieldSelector, 'metadata.name');
  return noName.test(selected) ? '' : selected;
}

/** The value that a selector asks of a field; '' where it asks for none, or cannot be read and will be refused. */
export function selectedValue(fieldSelector: string | undefined, field: string): string {
  if (fieldSelector?.includes(field) !== true) return '';
  return parsed(fieldSelector)?.requiresExactMatch(field) ?? '';
}

function parsed(fieldSelector: string): FieldSelector | undefined {
  try {
    return parseFieldSelector(fieldSelector);
  } catch (error) {
    if (error instanceof SelectorParseError) return undefined;
    throw error;
  }
}
