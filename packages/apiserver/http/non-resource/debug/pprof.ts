import { pipeline } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import type { Clock } from '@coxswain/machinery';
import type { ParsedQuery } from '../../query.ts';
import { type Response, replyText, writeHead } from '../../reply.ts';
import { type Profile, Profiler } from './profiles.ts';

const kinds: readonly (readonly [string, string])[] = [
  ['allocs', 'What is allocated while it is measured and still there at the end (.heapprofile); seconds=N'],
  ['cmdline', 'The command line of the process'],
  ['heap', 'Every object of the heap (.heapsnapshot); the process stands still while it is taken'],
  ['profile', "Where the processor's time goes (.cpuprofile); seconds=N"],
];

const defaultSeconds = 30;

/** Serves `/debug/pprof/`: the paths of Go's profiler with the profiles of Node.js. */
export class Pprof {
  readonly #profiler: Profiler;

  constructor(clock: Clock) {
    this.#profiler = new Profiler(clock);
  }

  /** @param name what follows `/debug/pprof/`; false where there is no such profile */
  async serve(name: string, query: ParsedQuery, response: Response): Promise<boolean> {
    switch (name) {
      case '':
        writeHead(response, 200, { 'content-type': 'text/html; charset=utf-8' });
        response.end(index());
        return true;
      case 'cmdline':
        replyText(response, 200, process.argv.join('\0'));
        return true;
      case 'heap':
        head(response, 'heap.heapsnapshot');
        pipeline(getHeapSnapshot(), response as NodeJS.WritableStream, (error) => {
          if (error) response.destroy();
        });
        return true;
      case 'profile':
      case 'allocs':
        await this.#measure(name, query.values['seconds'] ?? '', response);
        return true;
      default:
        return false;
    }
  }

  async #measure(name: 'profile' | 'allocs', text: string, response: Response): Promise<void> {
    const seconds = Number(text) > 0 ? Number(text) : defaultSeconds;
    const gone = new AbortController();
    const onClose = (): void => gone.abort(new Error('the client left'));
    response.once('close', onClose);
    let profile: Profile | undefined;
    try {
      profile = await (name === 'profile'
        ? this.#profiler.cpu(seconds, gone.signal)
        : this.#profiler.allocations(seconds, gone.signal));
    } catch (error) {
      if (gone.signal.aborted) return;
      throw error;
    } finally {
      response.off('close', onClose);
    }
    if (profile === undefined) {
      replyText(response, 500, 'Could not enable profiling: another profile is being taken\n');
      return;
    }
    head(response, profile.fileName);
    response.end(profile.json);
  }
}

function head(response: Response, fileName: string): void {
  writeHead(response, 200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${fileName}"`,
    'x-content-type-options': 'nosniff',
  });
}

function index(): string {
  const rows = kinds.map(
    ([name, what]) => `<li><a href='${name}'>${name}</a>: ${what.replace('<', '&lt;')}</li>`,
  );
  return `<html>\n<head><title>/debug/pprof/</title></head>\n<body>\n<ul>\n${rows.join('\n')}\n</ul>\n</body>\n</html>\n`;
}
