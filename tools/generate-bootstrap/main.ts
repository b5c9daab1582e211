import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
const target = join(root, 'packages/apiserver/bootstrap/generated/objects.json');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { facts: { type: 'string' } },
});
const folder = join(values.facts ?? join(root, '..', 'shared', 'kubernetes-1.36'), 'bootstrap');

/** In the order in which they are created: what others refer to comes first. */
const sources = [
  { file: 'namespaces', apiVersion: 'v1', kind: 'Namespace' },
  { file: 'clusterroles', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' },
  { file: 'clusterrolebindings', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding' },
  { file: 'roles', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  { file: 'rolebindings', apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
  {
    file: 'prioritylevelconfigurations',
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
    kind: 'PriorityLevelConfiguration',
  },
  { file: 'flowschemas', apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema' },
  { file: 'priorityclasses', apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
  { file: 'apiservices', apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' },
] as const;

/** What the server that was dumped gave the object, and no release says. */
const ownMetadata = ['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'generation'];

function strip(value: unknown, inMetadata = false): unknown {
  if (Array.isArray(value)) return value.map((item) => strip(item));
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (key === 'lastTransitionTime' || (inMetadata && ownMetadata.includes(key))) continue;
    out[key] = strip(member, key === 'metadata');
  }
  return out;
}

function generate(): string {
  const lines = sources.flatMap(({ file, apiVersion, kind }) => {
    const objects = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as Record<
      string,
      unknown
    >[];
    return objects.map((object) => JSON.stringify({ apiVersion, kind, ...(strip(object) as object) }));
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** `update` writes the objects that a fresh API server holds, `verify` compares. */
function main(): number {
  const verb = positionals[0];
  if (verb !== 'update' && verb !== 'verify') {
    process.stderr.write('usage: main.ts update|verify [--facts DIR]\n');
    return 2;
  }
  if (!existsSync(folder)) {
    process.stdout.write(
      'generate-bootstrap: skipped, no folder of published facts here (give --facts DIR)\n',
    );
    return verb === 'verify' ? 0 : 1;
  }
  const text = generate();
  if (verb === 'update') writeFileSync(target, text);
  else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(
      'generate-bootstrap: the bootstrap objects are not what the facts give; run update\n',
    );
    return 1;
  }
  return 0;
}

process.exitCode = main();
