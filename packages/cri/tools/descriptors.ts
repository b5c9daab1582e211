/**
 * Generates `generated/cri-v1.json` from the published descriptors of the container runtime interface.
 *
 *   node packages/cri/tools/descriptors.ts update <cri-v1.json>
 *   node packages/cri/tools/descriptors.ts verify <cri-v1.json>
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: string;
  readonly keyType?: string;
}

interface Node {
  readonly nested?: Readonly<Record<string, Node>>;
  readonly fields?: Readonly<Record<string, Field>>;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<Record<string, unknown>>;
}

const target = fileURLToPath(new URL('../generated/cri-v1.json', import.meta.url));

/** Windows' messages and all options are dropped: nothing here speaks of them. */
function compact(node: Node): Node {
  const out: Record<string, unknown> = {};
  if (node.methods) out['methods'] = node.methods;
  if (node.values) out['values'] = node.values;
  if (node.fields) {
    out['fields'] = Object.fromEntries(
      Object.entries(node.fields)
        .filter(([, f]) => !f.type.startsWith('Windows'))
        .map(([name, { type, id, rule, keyType }]) => [
          name,
          { ...(keyType ? { keyType } : {}), ...(rule ? { rule } : {}), type, id },
        ]),
    );
  }
  if (node.nested) {
    out['nested'] = Object.fromEntries(
      Object.entries(node.nested)
        .filter(([name]) => !name.startsWith('Windows'))
        .map(([name, child]) => [name, compact(child)]),
    );
  }
  return out as Node;
}

function main(mode: string | undefined, source: string | undefined): number {
  if ((mode !== 'update' && mode !== 'verify') || source === undefined) {
    console.error('usage: descriptors.ts update|verify <cri-v1.json>');
    return 2;
  }
  const text = `${JSON.stringify(compact(JSON.parse(readFileSync(source, 'utf8')) as Node))}\n`;
  if (mode === 'update') {
    writeFileSync(target, text);
    return 0;
  }
  if (readFileSync(target, 'utf8') === text) return 0;
  console.error('packages/cri/generated/cri-v1.json is out of date: run the update form');
  return 1;
}

process.exitCode = main(process.argv[2], process.argv[3]);
