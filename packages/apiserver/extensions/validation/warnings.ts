import { goQuote } from '@coxswain/machinery';
import { type Definition, ownSchemaOf } from '../definition.ts';
import { unknownFormats } from '../schema/formats.ts';

/** What the writer of a definition is warned of: formats that nobody checks, but for those that were there before. */
export function definitionWarnings(definition: Definition, old?: Definition): string[] {
  const before = new Set(old === undefined ? [] : formatsOf(old));
  const found = new Set(formatsOf(definition).filter((format) => !before.has(format)));
  return [...found].map((format) => `unrecognized format ${goQuote(format)}`);
}

function formatsOf({ spec }: Definition): string[] {
  return (spec.versions ?? []).flatMap((version) => {
    const schema = ownSchemaOf(version);
    return schema === undefined ? [] : [...unknownFormats(schema)];
  });
}
