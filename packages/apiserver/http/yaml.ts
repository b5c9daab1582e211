import { createRequire } from 'node:module';

let dump: ((value: unknown, options: object) => string) | undefined;

/** YAML as sigs.k8s.io/yaml writes it: members sorted, two blanks of indentation. */
export function toYaml(value: unknown): string {
  // Loaded when the first client asks for YAML: start-up does not pay for it.
  dump ??= (createRequire(import.meta.url)('js-yaml') as { dump: NonNullable<typeof dump> }).dump;
  return dump(JSON.parse(JSON.stringify(value)), {
    sortKeys: true,
    lineWidth: -1,
    noRefs: true,
    quotingType: '"',
    noArrayIndent: true,
  });
}
