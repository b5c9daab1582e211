import { type FieldSelector, parseFieldSelector, SelectorParseError } from '@coxswain/machinery';

/** What stands for other parts of a path is no name. */
const noName = /^\.{1,2}$|[/%]/;

/** The name of all that a list or a watch is about, by its path or its selector; '' where there may be several. */
export function selectedName(name: string, fieldSelector: string | undefined): string {
  if (name !== '' || fieldSelector === undefined) return name;
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
