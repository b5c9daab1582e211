import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../support/run-program.ts';
import { hasKubectl } from './support/has-kubectl.ts';

const cox = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'cox');

/** Flags of kubectl that mean nothing here: plugins that kustomize would run, and what never came of a try. */
const left: Readonly<Record<string, readonly string[]>> = {
  kustomize: [
    'as-current-user',
    'enable-alpha-plugins',
    'enable-helm',
    'env',
    'helm-api-versions',
    'helm-command',
    'helm-debug',
    'helm-kube-version',
    'mount',
    'network',
    'network-name',
  ],
  expose: ['container-port'],
};

async function help(program: string, path: readonly string[]): Promise<string> {
  const { stdout, stderr } = await runProgram(program, [...path, '--help']);
  return stdout + stderr;
}

/** The commands below one, as its help lists them. */
function commandsIn(text: string): string[] {
  const lists =
    text.match(
      /^(?:[A-Z][\w ()-]*Commands?[\w ()-]*|Available Commands|Subcommands provided[\w ]*):\n(?: {2}\S.*\n)+/gm,
    ) ?? [];
  return lists.flatMap((list) => [...list.matchAll(/^ {2}(\S+)/gm)].map(([, name = '']) => name));
}

/** Flags with the letters that stand for them, such as `-o/--output`. */
function theirFlags(text: string): string[] {
  return [...text.matchAll(/^ {4}(?:-(\w), )?--([\w-]+)=/gm)].map(([, letter, name]) =>
    letter === undefined ? `--${name}` : `-${letter}/--${name}`,
  );
}

function ourFlags(text: string): Set<string> {
  const flags = [...text.matchAll(/^ {2}(?: {4}|-(\w), )--([\w-]+) /gm)];
  // Newer versions gave letters to flags that had none: a flag is known by its name alone too.
  return new Set(flags.flatMap(([, letter, name]) => [`--${name}`, `-${letter}/--${name}`]));
}

async function check(path: readonly string[]): Promise<string[]> {
  const theirs = await help('kubectl', path);
  const below =
    path.length > 2 ? [] : commandsIn(theirs).filter((name) => !['alpha', 'options', 'help'].includes(name));
  const found = await Promise.all(below.map((name) => check([...path, name])));
  const missing = found.flat();
  if (path.length === 0) return missing;
  const ours = ourFlags(await help(cox, ['kubectl', ...path]));
  const exempt = left[path.join(' ')] ?? [];
  for (const flag of theirFlags(theirs)) {
    const known = ours.has(flag) || exempt.includes(flag.replace(/^.*--/, ''));
    if (!known) missing.push(`${path.join(' ')} ${flag}`);
  }
  return missing;
}

describe('cox kubectl', { skip: !hasKubectl() && 'kubectl is not on the PATH' }, () => {
  test('has the commands and the flags that kubectl has', async () => {
    const paths = commandsIn(await help('kubectl', [])).filter(
      (name) => !['alpha', 'options', 'help'].includes(name),
    );
    assert.ok(paths.length > 35, 'the help of kubectl lists its commands');
    const missing: string[] = [];
    // One after the other: all at once are more processes than a small machine bears.
    for (const name of paths) missing.push(...(await check([name])));
    assert.deepEqual(missing, []);
  });
});
