/**
 * Holds the rules on imports: down only between the floors, never into another package's insides, no time or
 * timers outside the clock, no file above 600 lines. Prints one line a fault; exits 1 when there are any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Packages by floor; one may import those of lower floors, and those named beside it. */
const floors: Readonly<Record<string, { readonly floor: number; readonly also?: readonly string[] }>> = {
  machinery: { floor: 1 },
  pki: { floor: 1, also: ['machinery'] },
  api: { floor: 1, also: ['machinery', 'pki'] },
  cel: { floor: 1, also: ['machinery'] },
  store: { floor: 2 },
  'store-etcd': { floor: 2, also: ['store'] },
  client: { floor: 2 },
  controller: { floor: 2, also: ['client'] },
  cri: { floor: 2 },
  apiserver: { floor: 3 },
  controllers: { floor: 3 },
  scheduler: { floor: 3 },
  kubelet: { floor: 3 },
  proxy: { floor: 3 },
  dns: { floor: 3 },
  cluster: { floor: 4 },
  cli: { floor: 4, also: ['cluster'] },
};

const longestFile = 600;
const clockCalls = /(?<!\.)\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\()/;

function* sources(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'generated') continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

function faultsOf(path: string): string[] {
  const [, own = ''] = relative(root, path).split('/');
  const place = floors[own];
  if (!place) return [`${own} is not on any floor: name it in tools/lint/imports.ts`];
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n');
  const isTest = /((\.test|-suite)\.ts|\/testing(-[^/]+)?\.ts)$/.test(path);
  const faults: string[] = [];
  if (lines.length > longestFile) faults.push(`${lines.length} lines, the longest allowed is ${longestFile}`);
  for (const [i, line] of lines.entries()) {
    const specifier = /(?:from|import)\s*\(?\s*'([^']+)'/.exec(line)?.[1];
    if (specifier !== undefined) {
      const other = /^@coxswain\/([^/]+)(\/.*)?$/.exec(specifier);
      if (other) {
        const target = floors[other[1] as string];
        // Contract suites are for the tests of whoever implements the contract, and what helps tests for all tests.
        const isForTests = isTest && /(-suite|^\/testing)$/.test(other[2] ?? '');
        if (other[2] && !isForTests) faults.push(`line ${i + 1}: reaches into ${specifier}`);
        if (!target) faults.push(`line ${i + 1}: unknown package ${specifier}`);
        else if (target.floor >= place.floor && !place.also?.includes(other[1] as string) && !isTest) {
          faults.push(
            `line ${i + 1}: ${own} (floor ${place.floor}) imports ${other[1]} (floor ${target.floor})`,
          );
        }
      } else if (specifier.startsWith('.')) {
        const target = relative(root, join(dirname(path), specifier));
        if (target.startsWith('packages/') && !target.startsWith(`packages/${own}/`)) {
          faults.push(`line ${i + 1}: reaches into ${target}`);
        }
      }
    }
    if (
      !isTest &&
      !path.endsWith('machinery/clock.ts') &&
      clockCalls.test(line) &&
      !/^\s*(\*|\/\/)/.test(line)
    ) {
      faults.push(`line ${i + 1}: time outside the clock: ${line.trim()}`);
    }
  }
  return faults;
}

let count = 0;
for (const path of sources(join(root, 'packages'))) {
  for (const fault of faultsOf(path)) {
    console.log(`${relative(root, path)}: ${fault}`);
    count++;
  }
}
console.log(count === 0 ? 'imports: every rule holds' : `imports: ${count} faults`);
process.exitCode = count === 0 ? 0 : 1;
