import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { type ReferenceServer, startReferenceServer, type Tokens } from './reference-server.ts';

/**
 * Replays the recorded exchanges against a server of the recordings' settings and prints the score of each
 * topic. Fails when a score falls below the committed floor; `--update` raises the floor.
 *
 *     node test/exchanges/run.ts [--topic A,B] [--scenario NAME] [--verbose] [--update] [--etcd]
 *
 * With `--etcd` the server keeps its state in an etcd of its own.
 */
const here = dirname(fileURLToPath(import.meta.url));
const exchanges = resolve(here, '../../../shared/exchanges');
const floorFile = join(here, 'floor.json');

/** The recordings were made with a history of five seconds where compaction matters. */
const fastCompaction = '5s';

const { values: flags } = parseArgs({
  options: {
    topic: { type: 'string' },
    scenario: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    etcd: { type: 'boolean', default: false },
  },
});

interface Score {
  readonly passed: number;
  readonly total: number;
}

if (!existsSync(join(exchanges, 'replay.mjs'))) {
  console.log(`skipped: there are no recorded exchanges at ${exchanges}`);
} else if (flags.etcd && etcdMissing !== undefined) {
  console.log(`skipped: ${etcdMissing}`);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  const tokens = JSON.parse(readFileSync(join(exchanges, 'tokens.json'), 'utf8')) as Tokens;
  const etcd = flags.etcd ? await TestingEtcd.start() : undefined;
  try {
    const reference = await startReferenceServer({
      tokens,
      compaction: fastCompaction,
      showsLog: flags.log,
      flags: etcd === undefined ? [] : [`--etcd-servers=${etcd.url}`],
    });
    try {
      return compareWithFloor(await replay(reference));
    } finally {
      await reference.close();
    }
  } finally {
    await etcd?.stop();
  }
}

async function replay({ url, caFile }: ReferenceServer): Promise<Map<string, Score>> {
  const args = [
    join(exchanges, 'replay.mjs'),
    '--server',
    url,
    '--ca',
    caFile,
    '--dir',
    exchanges,
    ...(flags.topic === undefined ? [] : ['--topic', flags.topic]),
    ...(flags.scenario === undefined ? [] : ['--scenario', flags.scenario]),
    ...(flags.verbose ? ['--verbose'] : []),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const scores = new Map<string, Score>();
  let rest = '';
  for await (const chunk of child.stdout) {
    process.stdout.write(chunk as Buffer);
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const match = /^(\S+): (\d+)\/(\d+)/.exec(line);
      if (match !== null)
        scores.set(match[1] as string, { passed: Number(match[2]), total: Number(match[3]) });
    }
  }
  return scores;
}

function compareWithFloor(scores: Map<string, Score>): number {
  const floor = existsSync(floorFile)
    ? (JSON.parse(readFileSync(floorFile, 'utf8')) as Record<string, number>)
    : {};
  let fallen = 0;
  for (const [topic, { passed, total }] of scores) {
    const least = floor[topic] ?? 0;
    if (passed < least && flags.scenario === undefined) {
      console.log(`${topic}: ${passed} of ${total} passed, below the floor of ${least}`);
      fallen++;
    }
    floor[topic] = Math.max(least, passed);
  }
  if (flags.update && flags.scenario === undefined) {
    const sorted = Object.fromEntries(Object.entries(floor).sort(([a], [b]) => (a < b ? -1 : 1)));
    writeFileSync(floorFile, `${JSON.stringify(sorted, undefined, 2)}\n`);
  }
  return fallen === 0 ? 0 : 1;
}
