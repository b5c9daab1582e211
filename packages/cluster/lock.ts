import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { ClusterError } from './cluster-error.ts';
import { processStartTime } from './process-table.ts';

/**
 * Holds the cluster's folder against another `up` or `down`. A lock whose holder is gone counts as none.
 *
 * @throws ClusterError BUSY when a living process holds it
 */
export async function holdLock(dir: string): Promise<Disposable> {
  await mkdir(dir, { recursive: true });
  const path = `${dir}/lock`;
  const mine = `${process.pid} ${await processStartTime(process.pid)}`;
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx' });
      return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = await readFile(path, 'utf8').catch(() => '');
    const [pid = '', startTime = ''] = holder.split(' ');
    if (holder !== '' && (await processStartTime(Number(pid))) === Number(startTime)) {
      throw new ClusterError(
        'BUSY',
        `process ${pid} is changing the cluster in "${dir}": wait for it to end`,
      );
    }
    await rm(path, { force: true });
  }
}
