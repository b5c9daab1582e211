/** Rounds of the permutation come in pairs: of columns, then of rows. */
const doubleRounds = 10;
/** "expand 32-byte k" as four little-endian words. */
const sigma = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
/** Quarter rounds of a double round: the words they work on. */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function permute(words: Uint32Array): void {
  for (let round = 0; round < doubleRounds; round++) {
    for (const [a, b, c, d] of quarters) {
      words[b]! ^= rotate((words[a]! + words[d]!) | 0, 7);
      words[c]! ^= rotate((words[b]! + words[a]!) | 0, 9);
      words[d]! ^= rotate((words[c]! + words[b]!) | 0, 13);
      words[a]! ^= rotate((words[d]! + words[c]!) | 0, 18);
    }
  }
}

/** The matrix that a key of 32 bytes and an input of 16 give. */
function matrix(key: Uint8Array, input: Uint8Array): Uint32Array {
  const keyView = new DataView(key.buffer, key.byteOffset, 32);
  const inputView = new DataView(input.buffer, input.byteOffset, 16);
  const words = new Uint32Array(16);
  for (let i = 0; i < 4; i++) {
    words[i * 5] = sigma[i] as number;
    words[1 + i] = keyView.getUint32(i * 4, true);
    words[6 + i] = inputView.getUint32(i * 4, true);
    words[11 + i] = keyView.getUint32(16 + i * 4, true);
  }
  return words;
}

/** HSalsa20: a key for the rest of a long nonce. */
function deriveKey(key: Uint8Array, input: Uint8Array): Uint8Array {
  const words = matrix(key, input);
  permute(words);
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  for (const [i, from] of [0, 5, 10, 15, 6, 7, 8, 9].entries()) {
    view.setUint32(i * 4, words[from] as number, true);
  }
  return out;
}

/** The key stream of XSalsa20, as many bytes as are asked for. @param nonce 24 bytes */
export function xsalsa20Stream(key: Uint8Array, nonce: Uint8Array, length: number): Uint8Array {
  const derived = deriveKey(key, nonce.subarray(0, 16));
  const input = new Uint8Array(16);
  input.set(nonce.subarray(16, 24));
  const counter = new DataView(input.buffer, 8);
  const blocks = Math.ceil(length / 64);
  const out = new Uint8Array(blocks * 64);
  const view = new DataView(out.buffer);
  for (let block = 0; block < blocks; block++) {
    counter.setUint32(0, block, true);
    const start = matrix(derived, input);
    const words = start.slice();
    permute(words);
    for (let i = 0; i < 16; i++) view.setUint32(block * 64 + i * 4, (words[i]! + start[i]!) >>> 0, true);
  }
  return out.subarray(0, length);
}
