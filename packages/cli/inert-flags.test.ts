import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { silentLogger } from '@coxswain/machinery';
import { apiserverFlags } from './apiserver-flags.ts';
import { parseFlags } from './flags.ts';
import { inertFlags, warnOfInertFlags } from './inert-flags.ts';

describe('inertFlags', () => {
  test('are those that docs/flags.md lists', () => {
    const page = readFileSync(new URL('../../docs/flags.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `--([a-z0-9-]+)` \| (.*) \|$/gm)].map(([, name, why]) => [
      name,
      why,
    ]);
    assert.deepEqual(
      listed,
      Object.entries(inertFlags).map(([name, { help }]) => [name, help.replace('No effect: ', '')]),
    );
  });

  test('are taken, and told of', () => {
    const flags = parseFlags(['--watch-cache=false', '--logging-format', 'json'], apiserverFlags);
    const told: unknown[] = [];
    const logger = { ...silentLogger, warn: (_: string, data?: object) => told.push((data as any).flag) };
    warnOfInertFlags(flags, logger as never);
    assert.deepEqual(told, ['--logging-format', '--watch-cache']);
  });
});
