/** Machine architectures by their OCI names. */
export type Architecture = 'amd64' | 'arm64';

const loadAddress = 0x400000n;
const headerSize = 64;
const programHeaderSize = 56;
const machineNumbers: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

/** A static 64-bit little-endian ELF program of one read-and-execute segment that starts at `code[0]`. */
export function elfProgram(architecture: Architecture, code: Uint8Array): Uint8Array {
  const start = headerSize + programHeaderSize;
  const size = start + code.length;
  const file = Buffer.alloc(size);

  file.write('\x7fELF', 'latin1');
  file.set([2, 1, 1], 4); // 64 bit, little endian, version 1
  file.writeUInt16LE(2, 16); // ET_EXEC
  file.writeUInt16LE(machineNumbers[architecture], 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(loadAddress + BigInt(start), 24); // entry
  file.writeBigUInt64LE(BigInt(headerSize), 32); // program headers
  file.writeUInt16LE(headerSize, 52);
  file.writeUInt16LE(programHeaderSize, 54);
  file.writeUInt16LE(1, 56);

  const header = file.subarray(headerSize);
  header.writeUInt32LE(1, 0); // PT_LOAD
  header.writeUInt32LE(5, 4); // read, execute
  header.writeBigUInt64LE(loadAddress, 16);
  header.writeBigUInt64LE(loadAddress, 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  header.writeBigUInt64LE(0x10000n, 48); // the largest page of either architecture

  file.set(code, start);
  return file;
}
