import { isQualifiedName, type KubeObject } from '@coxswain/machinery';
import { Failure, throwAll } from './error-text.ts';
import { dryRunOf, ResultPrinter } from './print/printer.ts';
import { type Info, visit } from './resource-builder.ts';
import type { Session } from './session.ts';
import { dryRunFlags, managerFlag, printFlags, selectorFlags, validateFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

const verb: Verb = {
  usage: 'taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N',
  summary: 'Update the taints on one or more nodes.',
  flags: {
    ...printFlags,
    ...dryRunFlags,
    ...selectorFlags,
    ...validateFlags,
    ...managerFlag('kubectl-taint'),
    all: { type: 'bool', default: 'false', help: 'All nodes' },
    overwrite: { type: 'bool', default: 'false', help: 'Change taints that are there' },
  },
  run,
};

export const taint = kubectlCommand('taint', verb);

async function run(session: Session): Promise<number> {
  const { flags, args } = session;
  const at = args.findIndex(
    (arg, i) => i > 0 && (arg.includes('=') || arg.endsWith('-') || arg.includes(':')),
  );
  const [resources, specs] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)];
  if (resources.length < 1) throw new Failure('one or more resources must be specified as <resource> <name>');
  if (specs.length < 1) throw new Failure('at least one taint update is required');
  const { add, remove } = parseTaints(session, specs);
  const dryRun = dryRunOf(session);
  // As kubectl: a client's dry run goes unmentioned here.
  const printer = await ResultPrinter.of(session, dryRun === 'client' ? 'none' : dryRun);
  const rest = await session.rest();
  const selector = flags.string('selector');
  await visit(
    session,
    { args: resources, selector, ...(flags.bool('all') || selector ? {} : { all: false }) },
    async (info) => {
      if (info.mapping.kind !== 'Node')
        throw new Failure(`invalid resource type ${info.mapping.resource}, only node(s) is supported`);
      const taints = changed(session, info, add, remove);
      const done =
        add.length > 0 && remove.length > 0 ? 'modified' : add.length > 0 ? 'tainted' : 'untainted';
      const query = {
        fieldManager: flags.string('field-manager'),
        dryRun: dryRun === 'server' ? 'All' : undefined,
      };
      const body = { spec: { taints: taints.length > 0 ? taints : null } };
      const object =
        dryRun === 'client'
          ? info.object
          : await rest.patch(info, 'application/merge-patch+json', body, query);
      printer.print({ ...info, object }, done);
    },
  );
  return 0;
}

function parseTaints(
  session: Session,
  specs: readonly string[],
): { add: Taint[]; remove: { key: string; effect: string }[] } {
  const add: Taint[] = [];
  const remove: { key: string; effect: string }[] = [];
  for (const spec of specs) {
    if (spec.endsWith('-')) {
      const [key = '', effect = ''] = spec.slice(0, -1).split(':');
      remove.push({ key: key.split('=')[0] as string, effect });
      continue;
    }
    const match = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(spec);
    if (!match || spec.split(':').length > 2) {
      const faults = spec.includes(':') ? [] : isQualifiedName(spec);
      throw session.usage(`invalid taint spec: ${spec}${faults.map((fault) => `, ${fault}`).join('')}`);
    }
    const [, key = '', value, effect = ''] = match;
    if (!effects.includes(effect))
      throw session.usage(`invalid taint effect: ${effect}, unsupported taint effect`);
    add.push({ key, ...(value ? { value } : {}), effect });
  }
  return { add, remove };
}

function changed(
  session: Session,
  info: Info & { object: KubeObject },
  add: readonly Taint[],
  remove: readonly { key: string; effect: string }[],
): Taint[] {
  const old = (info.object['spec']?.taints ?? []) as Taint[];
  const same = (a: { key: string; effect: string }, b: Taint): boolean =>
    a.key === b.key && a.effect === b.effect;
  if (!session.flags.bool('overwrite')) {
    const clash = add.filter((taint) => old.some((each) => same(taint, each)));
    throwAll(
      clash.length === 0
        ? []
        : [
            new Failure(
              `node ${info.name} already has ${clash.map(({ key }) => key).join(', ')} taint(s) with same effect(s) and --overwrite is false`,
            ),
          ],
    );
  }
  for (const { key, effect } of remove) {
    const found = old.some((each) => each.key === key && (effect === '' || each.effect === effect));
    if (!found) throw new Failure(`taint "${effect === '' ? key : `${key}:${effect}`}" not found`);
  }
  const kept = old.filter(
    (each) =>
      !add.some((taint) => same(taint, each)) &&
      !remove.some(({ key, effect }) => each.key === key && (effect === '' || each.effect === effect)),
  );
  return [...add, ...kept];
}
