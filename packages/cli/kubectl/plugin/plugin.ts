import { type Dirent, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from '../error-text.ts';
import type { Session } from '../session.ts';
import { kubectlCommand, type Verb } from '../verb.ts';
import { isExecutable, pluginPrefixes } from './find-plugin.ts';

const list: Verb = {
  usage: 'plugin list [flags]',
  summary: "List all visible plugin executables on a user's PATH.",
  flags: {
    'name-only': { type: 'bool', default: 'false', help: 'Print the names of the files without folders' },
  },
  run: listPlugins,
};

export const plugin = kubectlCommand('plugin', {
  usage: 'plugin [flags]',
  summary: 'Provides utilities for interacting with plugins.',
  subcommands: { list: async () => list },
});

async function listPlugins(session: Session): Promise<number> {
  const { kubectlVerbs } = await import('../catalogue.ts');
  const seen = new Map<string, string>();
  let warnings = 0;
  for (const dir of new Set((process.env['PATH'] ?? '').split(delimiter))) {
    if (dir.trim() === '') continue;
    for (const name of pluginsIn(dir, session)) {
      if (seen.size === 0) session.out('The following compatible plugins are available:\n\n');
      const path = join(dir, name);
      session.out(`${session.flags.bool('name-only') ? name : path}\n`);
      const faults = faultsOf(path, name, seen, Object.keys(kubectlVerbs));
      for (const fault of faults) session.err(`  - ${fault}\n`);
      warnings += faults.length;
      if (!seen.has(name)) seen.set(name, path);
    }
  }
  const errors: string[] = [];
  if (seen.size === 0) errors.push('error: unable to find any kubectl plugins in your PATH');
  if (warnings === 1) errors.push('error: one plugin warning was found');
  if (warnings > 1) errors.push(`error: ${warnings} plugin warnings were found`);
  if (errors.length > 0) throw new Failure(errors.join('\n'));
  return 0;
}

function pluginsIn(dir: string, session: Session): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : String(error);
    session.err(`Unable to read directory "${dir}" from your PATH: open ${dir}: ${why}. Skipping...\n`);
    return [];
  }
  return entries
    .filter((entry) => !entry.isDirectory() && pluginPrefixes.some((prefix) => entry.name.startsWith(prefix)))
    .map((entry) => entry.name)
    .sort();
}

function faultsOf(
  path: string,
  name: string,
  seen: ReadonlyMap<string, string>,
  verbs: readonly string[],
): string[] {
  const faults: string[] = [];
  if (!isExecutable(path))
    faults.push(`warning: ${path} identified as a kubectl plugin, but it is not executable`);
  const earlier = seen.get(name);
  if (earlier !== undefined)
    faults.push(`warning: ${path} is overshadowed by a similarly named plugin: ${earlier}`);
  const verb = name.split('-')[1] ?? '';
  if (verbs.includes(verb)) faults.push(`warning: ${name} overwrites existing command: "cox ${verb}"`);
  return faults;
}
