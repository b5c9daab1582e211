/** One entry of a tar archive that is made in memory. */
export interface TarEntry {
  /** Path inside the archive, relative, at most 100 bytes; of a folder, with a slash at the end. */
  readonly path: string;
  readonly mode?: number;
  readonly content?: Uint8Array;
}

const blockSize = 512;

/** The 512-byte ustar header of an entry of `size` bytes. Owner root, time 0: the same input, the same bytes. */
export function tarHeader(path: string, size: number, mode: number): Uint8Array {
  const name = Buffer.from(path);
  if (name.length > 100) throw new RangeError(`the path "${path}" is too long for a tar header`);
  const header = Buffer.alloc(blockSize);
  const octal = (value: number, at: number, width: number): void => {
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  };
  header.set(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(path.endsWith('/') ? '5' : '0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** The zero bytes that fill the last block of an entry of `size` bytes. */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((blockSize - (size % blockSize)) % blockSize);
}

/** The two empty blocks that end an archive. */
export const tarEnd: Uint8Array = new Uint8Array(blockSize * 2);

/** A whole archive of small entries. */
export function tarArchive(entries: readonly TarEntry[]): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const { path, mode = path.endsWith('/') ? 0o755 : 0o644, content = new Uint8Array() } of entries) {
    parts.push(tarHeader(path, content.length, mode), content, tarPadding(content.length));
  }
  return Buffer.concat([...parts, tarEnd]);
}
