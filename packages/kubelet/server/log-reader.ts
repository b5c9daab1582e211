import { open } from 'node:fs/promises';
import { type CriLogLine, CriLogParser } from './cri-log.ts';

/** Bytes read at once. */
const blockSize = 64 << 10;

/** The last lines of a container log as text, newest last, at the most so many bytes; '' when there is none. */
export async function tailLog(path: string, lines: number, bytes: number): Promise<string> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = await tailOffset(file, size, lines);
    const buffer = Buffer.alloc(size - from);
    await file.read(buffer, 0, buffer.length, from);
    const parser = new CriLogParser();
    const parsed: CriLogLine[] = [...parser.push(buffer), ...parser.end()];
    const text = Buffer.concat(parsed.map((l) => l.content));
    return text.subarray(Math.max(0, text.length - bytes)).toString('utf8');
  } finally {
    await file.close();
  }
}

/** Where the last so many lines of a file begin; a line that is not ended counts. */
export async function tailOffset(
  file: Awaited<ReturnType<typeof open>>,
  size: number,
  lines: number,
): Promise<number> {
  if (lines <= 0) return size;
  let end = size;
  let left = lines + 1;
  const block = Buffer.alloc(blockSize);
  let atEnd = true;
  while (end > 0) {
    const start = Math.max(0, end - blockSize);
    await file.read(block, 0, end - start, start);
    for (let i = end - start - 1; i >= 0; i--) {
      const isBreak = block[i] === 0x0a;
      // Without a break at the very end, the last line is one that is still being written.
      if (atEnd && !isBreak) left--;
      atEnd = false;
      if (isBreak && --left === 0) return start + i + 1;
    }
    end = start;
  }
  return 0;
}
