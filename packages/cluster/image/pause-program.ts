import { type Architecture, elfProgram } from './elf.ts';

/**
 * The program that holds a pod's namespaces: it ignores SIGCHLD, so that the kernel reaps the orphans of a
 * shared process namespace, and then sleeps for ever. Written as machine code, so that no compiler and no
 * registry is needed to have it.
 */
export function pauseProgram(architecture: Architecture): Uint8Array {
  return elfProgram(architecture, architecture === 'amd64' ? amd64() : arm64());
}

/** struct sigaction of the kernel: the handler SIG_IGN (1), then flags, restorer and mask, all zero. */
const ignoreSignal = Buffer.from([1, ...new Array<number>(31).fill(0)]);

function amd64(): Uint8Array {
  const code = Buffer.from([
    ...[0xb8, 13, 0, 0, 0], // mov eax, rt_sigaction
    ...[0xbf, 17, 0, 0, 0], // mov edi, SIGCHLD
    ...[0x48, 0x8d, 0x35, 0, 0, 0, 0], // lea rsi, [rip + action], patched below
    ...[0x31, 0xd2], // xor edx, edx
    ...[0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8: bytes of a signal mask
    ...[0x0f, 0x05], // syscall
    ...[0xb8, 34, 0, 0, 0], // again: mov eax, pause
    ...[0x0f, 0x05], // syscall
    ...[0xeb, 0xf7], // jmp again
  ]);
  const nextInstruction = 17;
  code.writeInt32LE(code.length - nextInstruction, nextInstruction - 4);
  return Buffer.concat([code, ignoreSignal]);
}

function arm64(): Uint8Array {
  const words = [
    0xd2800220, // mov x0, SIGCHLD
    0, // adr x1, action, patched below
    0xd2800002, // mov x2, 0
    0xd2800103, // mov x3, 8: bytes of a signal mask
    0xd28010c8, // mov x8, rt_sigaction
    0xd4000001, // svc 0
    0xd2800000, // again: mov x0, 0
    0xd2800001, // mov x1, 0
    0xd2800002, // mov x2, 0
    0xd2800003, // mov x3, 0
    0xd2800928, // mov x8, ppoll: arm64 has no pause
    0xd4000001, // svc 0
    0x17fffffa, // b again
  ];
  const distance = (words.length - 1) * 4;
  words[1] = (0x10000001 | ((distance & 3) << 29) | ((distance >> 2) << 5)) >>> 0;
  const code = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) code.writeUInt32LE(word >>> 0, i * 4);
  return Buffer.concat([code, ignoreSignal]);
}
