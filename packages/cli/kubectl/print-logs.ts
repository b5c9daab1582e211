import { once } from 'node:events';
import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { Failure } from './error-text.ts';
import { containersOf, defaultContainer, podOfResource, podsOfResource } from './pods-of.ts';
import { pathOf, type Query } from './rest.ts';
import type { Session } from './session.ts';

interface LogRequest {
  /** `POD` or `TYPE/NAME`; absent with a selector. */
  readonly resource: string | undefined;
  readonly container: string | undefined;
  readonly query: Query;
}

interface Source {
  readonly pod: KubeObject;
  readonly container: string;
}

/** Prints the logs that a command line asks for, one after the other or, when followed, all at once. */
export async function printLogs(session: Session, request: LogRequest): Promise<number> {
  const { flags } = session;
  const sources = await sourcesOf(session, request);
  const prefix = flags.bool('prefix');
  const print = (source: Source): Promise<void> => copyLog(session, source, request.query, prefix);
  const tolerant = async (source: Source): Promise<void> => {
    try {
      await print(source);
    } catch (error) {
      if (!flags.bool('ignore-errors')) throw error;
      session.out(`error: ${(error as Error).message}\n`);
    }
  };
  if (flags.bool('follow') && sources.length > 1) {
    const most = flags.int('max-log-requests') ?? 5;
    if (sources.length > most) {
      throw new Failure(
        `you are attempting to follow ${sources.length} log streams, but maximum allowed concurrency is ${most}, use --max-log-requests to increase the limit`,
      );
    }
    await Promise.all(sources.map(tolerant));
  } else for (const source of sources) await tolerant(source);
  return 0;
}

/** The whole log of one container. */
export async function printLogsOf(session: Session, pod: KubeObject, container: string): Promise<void> {
  await copyLog(session, { pod, container }, {}, false);
}

async function sourcesOf(session: Session, request: LogRequest): Promise<Source[]> {
  const { flags } = session;
  const selector = flags.string('selector') ?? '';
  const all = flags.bool('all-pods');
  const found =
    request.resource === undefined || all
      ? podsOfResource(session, request.resource, selector)
      : podOfResource(session, request.resource, flags.duration('pod-running-timeout') ?? 0).then((pod) => [
          pod,
        ]);
  const pods = await found.catch(async (error: unknown) => {
    if (!isNotFound(error)) throw error;
    throw new Failure(
      `error from server (NotFound): ${error.message} in namespace "${await session.namespace()}"`,
    );
  });
  if (pods.length === 0) {
    session.err(`No resources found in ${await session.namespace()} namespace.\n`);
  }
  return pods.flatMap((pod) => {
    if (flags.bool('all-containers')) {
      return containersOf(pod).map((container) => ({ pod, container: container.name }));
    }
    return [{ pod, container: containerFor(session, pod, request.container) }];
  });
}

function containerFor(session: Session, pod: KubeObject, named: string | undefined): string {
  const all = containersOf(pod);
  if (named !== undefined) {
    if (all.some(({ name }) => name === named)) return named;
    throw new Failure(`container ${named} is not valid for pod ${pod.metadata.name}`);
  }
  return defaultContainer(pod, (text) => session.err(text));
}

async function copyLog(session: Session, source: Source, query: Query, prefix: boolean): Promise<void> {
  const rest = await session.rest();
  const { name = '', namespace } = source.pod.metadata;
  const mapping = { group: '', version: 'v1', resource: 'pods' };
  const { container } = source;
  const path = pathOf({ mapping, namespace, name, subresource: 'log' }, { ...query, container });
  const response = await rest.transport.stream(
    path,
    session.signal,
    { accept: '*/*' },
    {
      group: '',
      resource: 'pods',
      name,
    },
  );
  const { out } = session.streams;
  const mark = `[pod/${name}/${container}] `;
  let atStart = true;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      let data: Buffer | string = chunk;
      if (prefix) {
        const text = chunk.toString('utf8');
        const ended = text.endsWith('\n');
        const body = ended ? text.slice(0, -1) : text;
        data = (atStart ? mark : '') + body.replaceAll('\n', `\n${mark}`) + (ended ? '\n' : '');
        atStart = ended;
      }
      if (!out.write(data)) await once(out, 'drain');
    }
  } catch (error) {
    if (!session.signal.aborted) throw error;
  }
}
