import type { Discovery, ResourceMapping } from './discovery.ts';
import { Failure } from './error-text.ts';

/** What the arguments of a verb name. */
export interface NamedResources {
  /** `TYPE` or `TYPE NAME...`: every type with every name. Without names: all of the type. */
  readonly types: readonly ResourceMapping[];
  readonly names: readonly string[];
  /** `TYPE/NAME` arguments, in order. */
  readonly pairs: readonly { readonly mapping: ResourceMapping; readonly name: string }[];
  /** A category such as `all` was named. */
  readonly category: boolean;
}

const separately =
  "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";

/** Reads `TYPE`, `TYPE,TYPE`, `TYPE NAME...` and `TYPE/NAME...` as kubectl's builder does. */
export async function parseResourceArgs(
  discovery: Discovery,
  args: readonly string[],
  defaultType?: string,
): Promise<NamedResources> {
  const slashed = args.filter((arg) => arg.includes('/'));
  if (slashed.length > 0) {
    if (slashed.length !== args.length) {
      if (defaultType === undefined) throw new Failure(separately);
    }
    const pairs: { mapping: ResourceMapping; name: string }[] = [];
    for (const arg of args) {
      const [type = '', name = '', ...more] = arg.includes('/') ? arg.split('/') : [defaultType, arg];
      if (more.length > 0) {
        throw new Failure(`arguments in resource/name form may not have more than one slash`);
      }
      if (type === '' || name === '') {
        throw new Failure('arguments in resource/name form must have a single resource and name');
      }
      if (type.includes(',')) {
        throw new Failure('arguments in resource/name form must have a single resource and name');
      }
      pairs.push({ mapping: await discovery.resourceFor(type), name });
    }
    return { types: [], names: [], pairs, category: false };
  }
  const [typeText, ...names] = args;
  if (typeText === undefined) return { types: [], names: [], pairs: [], category: false };
  const types: ResourceMapping[] = [];
  let category = false;
  for (const text of typeText.split(',')) {
    const { mappings, isCategory } = await mappingsOf(discovery, text);
    category ||= isCategory;
    for (const mapping of mappings) if (!types.includes(mapping)) types.push(mapping);
  }
  return { types, names, pairs: [], category };
}

async function mappingsOf(
  discovery: Discovery,
  text: string,
): Promise<{ mappings: readonly ResourceMapping[]; isCategory: boolean }> {
  const category = await discovery.category(text);
  if (category.length > 0) return { mappings: category, isCategory: true };
  return { mappings: [await discovery.resourceFor(text)], isCategory: false };
}
