import type { FlagSpecs } from '../flags.ts';

/** Files to read objects from. */
export const fileFlags = {
  filename: { type: 'strings', shorthand: 'f', help: 'File, folder or URL to read; - is standard input' },
  kustomize: { type: 'string', shorthand: 'k', help: 'Folder of a kustomization' },
  recursive: { type: 'bool', shorthand: 'R', default: 'false', help: 'Go into the folders of -f' },
} as const satisfies FlagSpecs;

/** How to print what a request gave. */
export const printFlags = {
  output: { type: 'string', shorthand: 'o', help: 'Output format' },
  template: { type: 'string', help: 'Template of the output format' },
  'allow-missing-template-keys': { type: 'bool', default: 'true', help: 'Ignore fields a template misses' },
  'show-managed-fields': { type: 'bool', default: 'false', help: 'Keep managedFields in JSON and YAML' },
} as const satisfies FlagSpecs;

export const dryRunFlags = {
  'dry-run': {
    type: 'string',
    default: 'none',
    bare: 'unchanged',
    help: 'none, client (only print) or server (do all but store)',
  },
} as const satisfies FlagSpecs;

export const selectorFlags = {
  selector: { type: 'string', shorthand: 'l', help: 'Label selector' },
} as const satisfies FlagSpecs;

export const validateFlags = {
  validate: { type: 'string', default: 'strict', bare: 'strict', help: 'strict, warn or ignore' },
} as const satisfies FlagSpecs;

/** The flag of the name that owns what a verb writes. */
export function managerFlag(name: string): FlagSpecs {
  return { 'field-manager': { type: 'string', default: name, help: 'Name of the field manager' } };
}
