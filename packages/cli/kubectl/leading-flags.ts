import { subcommandAt } from './verb.ts';

/** `-n web get pods` as `get -n web pods`: kubectl takes its global flags before the verb too. */
export function verbFirst(argv: readonly string[]): readonly string[] {
  const at = subcommandAt(argv, {});
  if (at < 0) return argv;
  return [argv[at] as string, ...argv.slice(0, at), ...argv.slice(at + 1)];
}
