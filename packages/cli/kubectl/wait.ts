import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { Failure, throwAll } from './error-text.ts';
import { JsonPath, printValue, relaxedPath } from './jsonpath/evaluate.ts';
import { ResultPrinter } from './print/printer.ts';
import { builderOptions, fetchWanted, type Info, resolveWanted } from './resource-builder.ts';
import type { Session } from './session.ts';
import { fileFlags, printFlags, selectorFlags } from './shared-flags.ts';
import { kubectlCommand, type Verb } from './verb.ts';
import { waitGone } from './wait-gone.ts';
import { watchObject } from './watch-object.ts';

const verb: Verb = {
  usage:
    "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
  summary: 'Wait for a specific condition on one or many resources.',
  flags: {
    ...fileFlags,
    ...printFlags,
    ...selectorFlags,
    all: { type: 'bool', default: 'false', help: 'All of the type' },
    'all-namespaces': { type: 'bool', shorthand: 'A', default: 'false', help: 'In all namespaces' },
    'field-selector': { type: 'string', help: 'Field selector' },
    for: { type: 'strings', help: 'create, delete, condition=NAME[=VALUE] or jsonpath=PATH[=VALUE]' },
    local: { type: 'bool', default: 'false', help: 'Accepted for compatibility' },
    timeout: { type: 'duration', default: '30s', help: 'Longest wait; 0: look once; negative: a week' },
  },
  run,
};

export const wait = kubectlCommand('wait', verb);

/** Whether an object is as awaited. */
type Condition = (object: KubeObject | undefined) => boolean;

async function run(session: Session): Promise<number> {
  const { flags } = session;
  const wish = flags.values('for').at(-1) ?? '';
  const timeoutMs = flags.duration('timeout') ?? 30_000;
  const limit = timeoutMs < 0 ? 168 * 3_600_000 : timeoutMs;
  const deleting = wish.toLowerCase() === 'delete';
  const creating = wish.toLowerCase() === 'create';
  const condition = deleting || creating ? undefined : conditionOf(wish);
  const printer = await ResultPrinter.of(session);
  const errors: unknown[] = [];
  const wanted = await resolveWanted(session, builderOptions(session));
  const end = session.clock.monotonic() + limit;
  const left = (): number => Math.max(1, end - session.clock.monotonic());
  if (creating) {
    for (const info of wanted.infos) {
      const found = await watchObject(session, info, (object) => object !== undefined, left());
      if (!found) throw timedOut(info);
      printer.print(info, 'condition met');
    }
    return 0;
  }
  const infos = await fetchWanted(session, wanted, errors);
  const missing = errors.filter((error) => !(deleting && isNotFound(error)));
  throwAll(missing);
  if (infos.length === 0 && !deleting) throw new Failure('no matching resources found');
  for (const info of infos) {
    try {
      if (deleting) {
        const uid = info.object?.metadata.uid;
        if (timeoutMs === 0) throw new Failure(`condition not met for ${info.mapping.resource}/${info.name}`);
        await waitGone(session, info, uid, left());
      } else if (timeoutMs === 0) {
        if (!condition!(info.object))
          throw new Failure(`condition not met for ${info.mapping.resource}/${info.name}`);
      } else if (!(await watchObject(session, info, awaited(info, condition!), left()))) throw timedOut(info);
      printer.print(info, 'condition met');
    } catch (error) {
      errors.push(error);
    }
  }
  throwAll(errors.filter((error) => !(deleting && isNotFound(error))));
  return 0;
}

function timedOut({ mapping, name }: Info): Failure {
  return new Failure(`timed out waiting for the condition on ${mapping.resource}/${name}`);
}

/** What is deleted meanwhile will never be as awaited. */
function awaited({ mapping, name }: Info, condition: Condition): Condition {
  return (object) => {
    if (object === undefined) throw new Failure(`${mapping.resource} "${name}" not found`);
    return condition(object);
  };
}

/** Reads `condition=Ready`, `condition=Ready=false`, `jsonpath={.status.phase}=Running`. Throws `Failure`. */
export function conditionOf(wish: string): Condition {
  if (wish.toLowerCase().startsWith('condition=')) {
    const [name = '', ...rest] = wish.slice('condition='.length).split('=');
    const value = rest.length === 0 ? 'true' : rest.join('=').toLowerCase();
    return (object) => {
      const { generation } = object?.metadata ?? {};
      const found = object?.['status']?.conditions?.find(
        (each: any) => each.type?.toLowerCase() === name.toLowerCase(),
      );
      if (found === undefined) return false;
      const seen = found.observedGeneration ?? object?.['status']?.observedGeneration;
      if (seen !== undefined && generation !== undefined && seen < generation) return false;
      return String(found.status).toLowerCase() === value;
    };
  }
  if (wish.startsWith('jsonpath=')) {
    const text = wish.slice('jsonpath='.length);
    const close = text.startsWith('{') ? text.indexOf('}') : -1;
    const equals = text.indexOf('=', Math.max(close, 0));
    const [pathText, value] =
      equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
    if (value === '') throw new Failure('jsonpath wait has to have a value after equal sign');
    const path = new JsonPath(relaxedPath(pathText.replace(/^'|'$/g, '')), true);
    const expected = value?.replace(/^["']|["']$/g, '');
    return (object) => {
      if (object === undefined) return false;
      const [values = []] = path.find(object);
      if (values.length === 0) return false;
      if (values.length > 1) throw new Failure('given jsonpath expression matches more than one value');
      if (typeof values[0] === 'object' && values[0] !== null && expected !== undefined) {
        throw new Failure('jsonpath leads to a nested object or list which is not supported');
      }
      return expected === undefined || printValue(values[0]) === expected;
    };
  }
  throw new Failure(`unrecognized condition: "${wish}"`);
}
