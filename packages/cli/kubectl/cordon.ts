import { Failure, throwAll } from './error-text.ts';
import { type DryRun, dryRunOf } from './print/printer.ts';
import { fetchWanted, type Info, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand } from './verb.ts';

export const cordon = cordonCommand('cordon', true, 'Mark node as unschedulable.');
export const uncordon = cordonCommand('uncordon', false, 'Mark node as schedulable.');

function cordonCommand(name: string, unschedulable: boolean, summary: string) {
  return kubectlCommand(name, {
    usage: `${name} NODE`,
    summary,
    flags: { ...dryRunFlags, ...selectorFlags },
    run: async (session) => {
      const errors: unknown[] = [];
      const dryRun = dryRunOf(session);
      for (const node of await nodesOf(session, errors))
        await setSchedulable(session, node, unschedulable, dryRun);
      throwAll(errors);
      return 0;
    },
  });
}

/** The nodes that the command line names or selects. */
export async function nodesOf(session: Session, errors: unknown[]): Promise<Info[]> {
  const { args, flags } = session;
  const selector = flags.string('selector') ?? '';
  if (args.length === 0 && selector === '') throw session.usage(`USAGE: ${session.path} NODE [flags]`);
  if (args.length > 0 && selector !== '')
    throw new Failure('error: cannot specify both a node name and a --selector option');
  const wanted = await resolveWanted(session, {
    args: ['nodes', ...args.map((arg) => arg.replace(/^nodes?\//, ''))],
    selector,
  });
  return fetchWanted(session, wanted, errors);
}

/** Opens the node to pods or closes it, and tells. */
export async function setSchedulable(
  session: Session,
  node: Info,
  unschedulable: boolean,
  dryRun: DryRun,
): Promise<void> {
  const done = unschedulable ? 'cordoned' : 'uncordoned';
  const suffix = dryRun === 'none' ? '' : dryRun === 'client' ? ' (dry run)' : ' (server dry run)';
  if (Boolean(node.object?.['spec']?.unschedulable) === unschedulable) {
    session.out(`node/${node.name} already ${done}${suffix}\n`);
    return;
  }
  if (dryRun !== 'client') {
    const body = { spec: { unschedulable: unschedulable ? true : null } };
    const query = dryRun === 'server' ? { dryRun: 'All' } : {};
    await (await session.rest()).patch(node, 'application/strategic-merge-patch+json', body, query);
  }
  session.out(`node/${node.name} ${done}${suffix}\n`);
}
